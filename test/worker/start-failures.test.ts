import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { finished } from '../support/project.ts';

const WORKER = fileURLToPath(new URL('../../worker/main.ts', import.meta.url));

async function start(context: TestContext, project: string, more: Readonly<Record<string, string>> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-worker-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, 'syncline.yaml'), project);
  const env = { ...process.env, TEMPORAL_ADDRESS: '127.0.0.1:1', ...more };
  return finished(spawn(process.execPath, [WORKER, '--project', directory], { env, stdio: ['ignore', 'pipe', 'pipe'] }));
}

describe('a worker that cannot start says why, and ends', () => {
  it('where the project has mistakes', async (context) => {
    const { code, stdout } = await start(context, 'name: Not A Name\n');
    assert.equal(code, 3);
    assert.match(stdout, /"ready":false,"code":"DEFINITION_INVALID","message":"syncline.yaml:1:7 name: must be of lower-case letters/);
  });

  it('where its settings are wrong, all of them', async (context) => {
    const { code, stdout } = await start(context, 'name: acme\n', { SYNCLINE_METRICS: '9464', SYNCLINE_SLOTS: 'many' });
    assert.equal(code, 3);
    assert.match(
      stdout,
      /"DEFINITION_INVALID","message":"A setting of the worker cannot be used: SYNCLINE_SLOTS: .*; SYNCLINE_METRICS: must be ADDRESS:PORT, as 0\.0\.0\.0:9464\./,
    );
  });

  it('where Temporal does not answer', async (context) => {
    const { code, stdout } = await start(context, 'name: acme\n');
    assert.equal(code, 5);
    assert.match(
      stdout,
      /"ready":false,"code":"SYSTEM_UNAVAILABLE","message":"No Temporal server answers at 127.0.0.1:1\. Start one with \\"syncline dev\\", or set TEMPORAL_ADDRESS/,
    );
  });
});
