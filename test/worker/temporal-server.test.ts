import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../workflows/contract.ts';
import { endProgram, isRunning, killAll, startTemporalProgram, TEMPORAL_MAIN, type TemporalProgram, untilGone, untilSaid } from './temporal-program.ts';

const directories: string[] = [];
after(() => {
  killAll();
  for (const each of directories) rmSync(each, { recursive: true, force: true });
});

describe('a server that runs', () => {
  let program: TemporalProgram;
  let home: string;
  before(async () => {
    home = makeDirectory();
    program = await startTemporalProgram({ directory: home, env: { ...process.env, CRM_TOKEN: 'a-secret-of-the-project' } });
    assert.equal(program.last.ready, true, program.last.message);
  });
  after(() => endProgram(program));

  test('answers a client, with its namespace and our search attributes', async (context) => {
    const connection = await Connection.connect({ address: program.last.address ?? '' });
    context.after(() => connection.close());
    const client = new Client({ connection });
    const description = await client.workflowService.describeNamespace({ namespace: 'default' });
    assert.equal(description.namespaceInfo?.name, 'default');
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    assert.deepEqual(Object.keys(customAttributes ?? {}).toSorted(), SEARCH_ATTRIBUTES.toSorted());
  });

  test('shows its Web UI', async () => {
    const answer = await fetch(program.last.uiUrl ?? '');
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /<html/i);
  });

  test('listens on loopback alone, with every one of its listeners', () => {
    const addresses = listeningAddresses(program.last.serverPid ?? 0);
    assert.ok(addresses.length >= 4, `gRPC, Web UI, HTTP and metrics at least, found ${addresses}`);
    assert.deepEqual([...new Set(addresses)], ['127.0.0.1']);
  });

  test('keeps its runs in a file and its log beside it, for nobody else to read', () => {
    assert.ok(statSync(join(home, 'temporal.db')).size > 0);
    assert.ok(existsSync(join(home, 'logs', 'temporal.log')));
  });

  test('is not given the secrets of its environment', () => {
    const environment = environmentOf(program.last.serverPid ?? 0);
    assert.match(environment, /TEMPORAL_VERSION_CHECK_DISABLED=1/);
    assert.doesNotMatch(environment, /a-secret-of-the-project/);
  });

  test('is not joined by a second one on the same directory: the second says which runs', async () => {
    const second = await startTemporalProgram({ directory: home });
    await once(second.child, 'exit');
    assert.equal(second.last.ready, false);
    assert.equal(second.last.code, 'SYSTEM_UNAVAILABLE');
    assert.match(second.last.message ?? '', new RegExp(`runs already at ${program.last.address}`));
    assert.equal(second.child.exitCode, 5);
  });
});

describe('starts and ends', { concurrency: 2 }, () => {
  test('a stop leaves nothing running, and a later start finds what the earlier one wrote', async () => {
    const directory = makeDirectory();
    const first = await startTemporalProgram({ directory });
    const connection = await Connection.connect({ address: first.last.address ?? '' });
    await new Client({ connection }).workflow.start('nobodyTakesThis', { workflowId: 'kept', taskQueue: 'empty' });
    await connection.close();
    first.child.kill('SIGTERM');
    assert.deepEqual(await once(first.child, 'exit'), [0, null]);
    assert.equal(isRunning(first.last.serverPid), false);
    assert.equal(existsSync(join(directory, 'temporal.pid')), false);
    const second = await startTemporalProgram({ directory });
    const again = await Connection.connect({ address: second.last.address ?? '' });
    const { status } = await new Client({ connection: again }).workflow.getHandle('kept').describe();
    assert.equal(status.name, 'RUNNING');
    await again.close();
    await endProgram(second);
  });

  test('a port in use is passed over for the next free one', async (context) => {
    const directory = makeDirectory();
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    context.after(() => blocker.close());
    const address = blocker.address();
    const taken = typeof address === 'object' && address !== null ? address.port : 0;
    const program = await startTemporalProgram({ directory, args: ['--port', String(taken), '--ui-port', String(taken)] });
    context.after(() => endProgram(program));
    assert.equal(program.last.ready, true, program.last.message);
    const ports = [program.last.address?.split(':')[1], new URL(program.last.uiUrl ?? '').port].map(Number);
    assert.ok(ports.every((port) => port > taken && port < taken + 20) && ports[0] !== ports[1], `${ports} for ${taken}`);
  });

  test('when its starter is killed by SIGKILL, neither program nor server stays', async () => {
    const directory = makeDirectory();
    const args = [TEMPORAL_MAIN, '--directory', directory, '--port', '0', '--ui-port', '0'];
    const script = `const child = require('node:child_process').spawn(process.execPath, ${JSON.stringify(args)}, { stdio: ['pipe', 'inherit', 'inherit'] }); console.error(child.pid); setInterval(() => {}, 1000)`;
    const starter = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    const pid = once(starter.stderr, 'data').then(([text]) => Number(String(text)));
    const { last } = await untilSaid(starter);
    assert.equal(last.ready, true, last.message);
    starter.kill('SIGKILL');
    await untilGone(last.serverPid);
    await untilGone(await pid);
  });

  test('when the program itself is killed by SIGKILL, its server does not stay, and the next one starts at once', async () => {
    const directory = makeDirectory();
    const killed = await startTemporalProgram({ directory });
    killed.child.kill('SIGKILL');
    const next = await startTemporalProgram({ directory });
    assert.equal(next.last.ready, true, next.last.message);
    assert.equal(isRunning(killed.last.serverPid), false);
    await endProgram(next);
  });

  test('with --keep it outlives its starter, until it is told to stop', async () => {
    const directory = makeDirectory();
    const program = await startTemporalProgram({ directory, args: ['--keep'] });
    program.child.stdin?.end();
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal((await fetch(program.last.uiUrl ?? '')).status, 200);
    await endProgram(program);
    assert.equal(isRunning(program.last.serverPid), false);
  });

  test('a server that cannot start is one sentence with its own reason and its log', async () => {
    const directory = makeDirectory();
    mkdirSync(join(directory, 'temporal.db'));
    const program = await startTemporalProgram({ directory });
    await once(program.child, 'exit');
    assert.equal(program.last.ready, false);
    assert.match(program.last.message ?? '', /The Temporal server did not start: .+Its log: .*temporal\.log/s);
  });
});

function makeDirectory(): string {
  const made = mkdtempSync(join(tmpdir(), 'syncline-temporal-'));
  directories.push(made);
  return made;
}

/** Where a process listens. */
function listeningAddresses(pid: number): readonly string[] {
  if (process.platform !== 'linux') {
    const listing = execFileSync('lsof', ['-nP', '-iTCP', '-sTCP:LISTEN', '-a', '-p', String(pid), '-Fn'], { encoding: 'utf8' });
    return [...listing.matchAll(/^n(.+):\d+$/gm)].map(([, address = '']) => address);
  }
  const folder = `/proc/${pid}/fd`;
  const sockets = new Set(readdirSync(folder).flatMap((fd) => /socket:\[(\d+)\]/.exec(linkOf(join(folder, fd)))?.[1] ?? []));
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readListeners(file).flatMap(({ address, inode }) => (sockets.has(inode) ? [address] : [])));
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** The kernel's list of listening sockets; an IPv4 address is written there as a hexadecimal number, last byte first. */
function readListeners(file: string): readonly { readonly address: string; readonly inode: string }[] {
  const LISTEN = '0A';
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === LISTEN)
    .map((columns) => ({ address: toAddress(columns[1]?.split(':')[0] ?? ''), inode: columns[9] ?? '' }));
}

function toAddress(hex: string): string {
  return hex.length === 8 ? Buffer.from(hex, 'hex').reverse().join('.') : hex;
}

function environmentOf(pid: number): string {
  return process.platform === 'linux'
    ? readFileSync(`/proc/${pid}/environ`, 'utf8')
    : execFileSync('ps', ['-E', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
}
