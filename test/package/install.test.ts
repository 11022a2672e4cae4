import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../support/until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'syncline-package-'));
// A machine without our own tools on its PATH, and without a server of the test run.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_') && !name.startsWith('TEMPORAL_')));
env['PATH'] = (env['PATH'] ?? '')
  .split(delimiter)
  .filter((path) => !path.startsWith(ROOT))
  .join(delimiter);

function run(command: string, args: readonly string[], cwd: string): string {
  const done = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  assert.equal(done.status, 0, `${command} ${args.join(' ')}\n${done.stdout}${done.stderr}`);
  return done.stdout;
}

before(() => {
  run('npm', ['pack', '--loglevel=error', '--pack-destination', folder], ROOT);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  assert.ok(tarball);
  mkdirSync(join(folder, 'empty'));
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline', join(folder, tarball)], join(folder, 'empty'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('the package, installed in an empty folder, makes a project that passes its check', () => {
  assert.match(run('npx', ['syncline', '--version'], join(folder, 'empty')), /^\d+\.\d+\.\d+/);
  run('npx', ['syncline', 'init', 'crm'], join(folder, 'empty'));
  assert.match(run('npx', ['syncline', 'check'], join(folder, 'empty/crm')), /no mistakes/);
});

test('`syncline dev` of the package brings up server, Web UI and worker, and takes them down again', async () => {
  const bin = join(folder, 'empty/node_modules/.bin/syncline');
  const dev = spawn(bin, ['dev'], { cwd: join(folder, 'empty/crm'), env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = collect(dev);
  const ended = new Promise<number | null>((resolve) => dev.once('exit', resolve));
  await until(
    () => `dev to come up:\n${output()}`,
    () => /Worker\s+crm\/dev/.test(output()),
  );
  const uiUrl = /Web UI (http:\S+)/.exec(output())?.[1];
  assert.ok(uiUrl);
  assert.equal((await fetch(uiUrl)).status, 200);
  dev.kill('SIGTERM');
  assert.equal(await ended, 0, output());
  await assert.rejects(fetch(uiUrl));
});

function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  return () => text;
}
