import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { DevEnvironment } from '../../client/programs/dev-environment.ts';
import { runCli } from '../client/test-project.ts';
import { until } from '../support/until.ts';

const MAIN = fileURLToPath(new URL('../../client/main.ts', import.meta.url));
const lockSchema = z.object({ pids: z.record(z.string(), z.number()), address: z.string(), uiUrl: z.string() });

let folder: string;
let project: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'syncline-dev-'));
  project = join(folder, 'crm');
  const { code, stderr } = await runCli(['init', 'crm'], { cwd: folder });
  assert.equal(code, 0, stderr);
});
const started: Dev[] = [];
after(async () => {
  for (const { child, ended } of started) {
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** `syncline dev` in the starter project, on ports of its own. */
class Dev {
  readonly child: ChildProcess;
  readonly ended: Promise<number>;
  text = '';

  constructor() {
    const kept = Object.entries(process.env).filter(([name]) => !/^(TEMPORAL_|SYNCLINE_(?!WORKFLOW_BUNDLE))/.test(name));
    this.child = spawn(process.execPath, [MAIN, 'dev', '--port', '27233', '--ui-port', '28233'], {
      cwd: project,
      env: { ...Object.fromEntries(kept), NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (this.text += text));
    this.ended = new Promise((resolve) => this.child.once('exit', (code) => resolve(code ?? -1)));
    started.push(this);
  }

  async says(words: RegExp): Promise<void> {
    await until(
      () => `"dev" to say ${words}, not ${this.text}`,
      () => words.test(this.text),
    );
  }

  get lock() {
    return lockSchema.parse(JSON.parse(readFileSync(join(project, '.syncline/dev.lock'), 'utf8')));
  }
}

/** Their command lines, without that of `dev` itself, which does not name the project. */
function processesOf(directory: string): readonly string[] {
  const all = execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' });
  return all.split('\n').filter((args) => args.includes(`${directory}/`) || args.includes(`${directory} `));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('dev brings up server, Web UI and worker, says what comes next, and Ctrl-C takes all down again', async () => {
  const dev = new Dev();
  await dev.says(/Run a sync +syncline run contacts-to-hubspot/);
  assert.match(
    dev.text,
    /✓ Definitions {2}1 sync, no mistakes\n✓ Temporal +127\.0\.0\.1:\d+, Web UI http:\/\/127\.0\.0\.1:\d+\n✓ Worker +crm\/dev, process \d+\n/,
  );
  const { pids, uiUrl } = dev.lock;
  assert.equal((await fetch(uiUrl)).status, 200);

  const second = await runCli(['dev'], { cwd: project });
  assert.equal(second.code, 1);
  assert.match(second.stderr, /"syncline dev" runs for this project already/);

  const sync = join(project, 'syncs/contacts-to-hubspot.yaml');
  const good = readFileSync(sync, 'utf8');
  writeFileSync(sync, good.replace('matchOn', 'matchon'));
  await dev.says(/contacts-to-hubspot\.yaml changed\n✗ \d mistakes? in the definitions\n {2}syncs\/contacts-to-hubspot\.yaml:\d+:\d+ /);
  writeFileSync(sync, good);
  await dev.says(/changed\n✓ Definitions {2}1 sync, no mistakes\n$/);

  process.kill(pids['worker'] ?? 0, 'SIGKILL');
  await dev.says(/✗ The worker ended: SIGKILL\. Another starts in 1 s\.\n✓ Worker +crm\/dev, process \d+, started again\n/);

  dev.child.kill('SIGINT');
  assert.equal(await dev.ended, 0, dev.text);
  assert.match(dev.text, /Stopping: requests in flight finish first/);
  assert.deepEqual(Object.values(pids).filter(isAlive), []);
  assert.ok(!existsSync(join(project, '.syncline/dev.lock')));
});

test('what a killed dev left behind is stopped by the next one', async () => {
  const first = new Dev();
  await first.says(/Run a sync/);
  const { pids } = first.lock;
  first.child.kill('SIGKILL');
  await first.ended;
  const next = new Dev();
  await next.says(/Run a sync/);
  assert.deepEqual(Object.values(pids).filter(isAlive), []);
  next.child.kill('SIGTERM');
  assert.equal(await next.ended, 0, next.text);
});

test('dev ends by itself, and takes the worker with it, when the server dies', async () => {
  const dev = new Dev();
  await dev.says(/Run a sync/);
  const { pids } = dev.lock;
  process.kill(pids['temporal'] ?? 0, 'SIGTERM');
  assert.equal(await dev.ended, 5, dev.text);
  assert.match(dev.text, /✗ The Temporal server ended by itself\. Its log: \.syncline\/logs\/temporal\.log\n$/);
  assert.deepEqual(Object.values(pids).filter(isAlive), []);
});

test('dev that is stopped while its worker starts leaves none behind, also in a clone of the project, whose .syncline is for its owner alone', async () => {
  const state = join(project, '.syncline');
  rmSync(state, { recursive: true, force: true });
  const dev = new Dev();
  await dev.says(/✓ Temporal/);
  assert.equal((statSync(state).mode & 0o777).toString(8), '700');
  dev.child.kill('SIGTERM');
  assert.equal(await dev.ended, 0, dev.text);
  assert.deepEqual(processesOf(project), []);
});

test('dev that is stopped while its Temporal server starts takes that down, and is done', async () => {
  const dev = new Dev();
  await dev.says(/✓ Definitions/);
  await until(
    () => `the program of the Temporal server among ${processesOf(project).join('\n')}`,
    () => processesOf(project).some((args) => args.includes('temporal-main')),
  );
  dev.child.kill('SIGTERM');
  assert.equal(await dev.ended, 0, dev.text);
  assert.deepEqual(processesOf(project), []);
  assert.match(dev.text, /\nStopped\./);
});

test('a sandbox whose port is taken says what to do here, where no other can be chosen', async () => {
  const other = createServer().listen(4100, '127.0.0.1');
  await new Promise<void>((resolve) => {
    other.once('listening', () => resolve()).once('error', () => resolve());
  });
  const options = {
    project,
    profile: 'dev',
    port: 0,
    uiPort: 0,
    listenPort: 8700,
    env: process.env,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  };
  await assert.rejects(new DevEnvironment(options).startSandbox(), {
    message:
      'Port 4100, where the sandbox is to answer, is taken. If it is by "syncline dev --sandbox" of another project, leave out --sandbox: both work with that one. Else stop what has it.',
  });
  other.close();
});
