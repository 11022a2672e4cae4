import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { runCli } from './test-project.ts';

describe('init', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'syncline-init-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('writes a starter project that passes check, keeps secrets out of git, and says what comes next', async () => {
    const { code, stdout, stderr } = await runCli(['init', 'crm'], { cwd: folder });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^✓ crm is a Syncline project now\n\n {2}syncline\.yaml\n/);
    assert.match(stderr, /Go there +cd crm\n +Check it +syncline check\n/);
    const checked = await runCli(['check'], { cwd: join(folder, 'crm') });
    assert.equal(checked.code, 0, checked.stdout);
    assert.match(readFileSync(join(folder, 'crm/.gitignore'), 'utf8'), /^\.env$/m);
    assert.match(readFileSync(join(folder, 'crm/.gitignore'), 'utf8'), /^\.syncline\/$/m);
  });

  test('leaves a folder alone that is not empty, and refuses a name that is none', async () => {
    await runCli(['init', 'full'], { cwd: folder });
    const again = await runCli(['init', 'full'], { cwd: folder });
    assert.equal(again.code, 2);
    assert.match(again.stderr, /full is not empty: name a new folder\./);
    const unnamed = await runCli(['init', 'not_a_name!'], { cwd: folder });
    assert.equal(unnamed.code, 2);
    assert.match(unnamed.stderr, /is no project name/);
  });

  test('names commands as they were called, and no folder where it is this one', async () => {
    const cwd = mkdtempSync(join(folder, 'here-'));
    const { code, stdout, stderr } = await runCli(['init', '.'], { cwd, env: { npm_command: 'exec' } });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^✓ This folder is a Syncline project now\n/);
    assert.match(stderr, /^\n +Check it +npx syncline check\n +Bring it up +npx syncline dev --sandbox\n/);
  });

  test('lists its files as JSON', async () => {
    const { stdout } = await runCli(['init', 'as-json', '--json'], { cwd: folder });
    const document = z.object({ schemaVersion: z.literal(1), directory: z.string(), files: z.array(z.string()) }).parse(JSON.parse(stdout));
    assert.ok(document.files.includes('syncs/contacts-to-hubspot.yaml'));
  });
});
