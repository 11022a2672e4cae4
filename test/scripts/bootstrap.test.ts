import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const BOOTSTRAP = fileURLToPath(new URL('../../scripts/bootstrap.mjs', import.meta.url));
const ARCH_PACKAGE = `${process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${process.platform}-${process.arch}`;
const NOWHERE = { npm_config_registry: 'http://127.0.0.1:1', npm_config_fetch_retries: '0' };
/** A program that says under which binary it runs: each stand-in for Node 24 names itself in NODE_NAME. */
const PROGRAM = `const args: readonly string[] = process.argv.slice(2);
const { colour } = await import('tiny');
console.log(JSON.stringify({ args, colour, node: process.env.NODE_NAME ?? 'this' }));
if (args[0] === 'exit') process.exit(7);
if (args[0] === 'wait') { setInterval(() => {}, 1000); console.log('waiting'); }
if (args[0] === 'handle') { process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1000); console.log('waiting'); }
`;

const folders: string[] = [];
let clone: string;
beforeEach(() => {
  clone = makeClone({ hasNode: true });
});
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface End {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** A fresh clone of a tiny package: one dependency, and a package "node" that brings a stand-in for Node 24, or none, as where its script is not allowed. */
function makeClone({ hasNode }: { readonly hasNode: boolean }): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'syncline-bootstrap-')));
  folders.push(root);
  mkdirSync(join(root, 'scripts'));
  cpSync(BOOTSTRAP, join(root, 'scripts/bootstrap.mjs'));
  write(join(root, 'program.ts'), PROGRAM);
  write(join(root, 'client/bin.mjs'), '');
  write(join(root, 'vendor/tiny/package.json'), '{ "name": "tiny", "version": "1.0.0", "type": "module", "main": "index.js" }');
  write(join(root, 'vendor/tiny/index.js'), "export const colour = 'red';");
  write(join(root, 'vendor/node/package.json'), '{ "name": "node", "version": "24.21.0" }');
  if (hasNode) writeNode(join(root, 'vendor/node/bin/node'), 'package');
  const dependencies = { tiny: 'file:vendor/tiny', node: 'file:vendor/node' };
  const scripts = { start: 'node scripts/bootstrap.mjs program.ts' };
  write(join(root, 'package.json'), JSON.stringify({ name: 'clone', version: '1.0.0', type: 'module', dependencies, scripts }));
  const link = (name: string) => ({ [`node_modules/${name}`]: { resolved: `vendor/${name}`, link: true } });
  const packages = {
    '': { name: 'clone', version: '1.0.0', dependencies },
    ...link('tiny'),
    ...link('node'),
    'vendor/tiny': { name: 'tiny', version: '1.0.0' },
    'vendor/node': { name: 'node', version: '24.21.0' },
  };
  write(join(root, 'package-lock.json'), JSON.stringify({ name: 'clone', version: '1.0.0', lockfileVersion: 3, requires: true, packages }));
  // A Node 20, as far as bootstrap.mjs can see.
  write(
    join(root, 'old.cjs'),
    "if (process.argv[1]?.endsWith('bootstrap.mjs')) Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.0.0' } });",
  );
  return root;
}

function writeNode(path: string, name: string): void {
  write(path, `#!/bin/sh\nNODE_OPTIONS= NODE_NAME=${name} exec ${process.execPath} "$@"\n`);
  chmodSync(path, 0o755);
}

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}, command = process.execPath): ChildProcess {
  return spawn(command, command === process.execPath ? ['scripts/bootstrap.mjs', ...args] : args, {
    cwd: clone,
    env: { ...process.env, ...NOWHERE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function end(child: ChildProcess): Promise<End> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

const bootstrap = (args: readonly string[], env?: NodeJS.ProcessEnv) => end(start(args, env));
const onOldNode = () => ({ NODE_OPTIONS: `--require ${join(clone, 'old.cjs')}` });

describe('installing', () => {
  test('happens on a fresh clone, once, and again when the lock file has changed', async () => {
    const first = await bootstrap(['program.ts', 'a', 'b c']);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /^ {2}Installing packages … done in \d+ s\n$/);
    assert.deepEqual(JSON.parse(first.stdout), { args: ['a', 'b c'], colour: 'red', node: 'this' });
    assert.equal((await bootstrap(['program.ts'])).stderr, '');
    const lock = join(clone, 'package-lock.json');
    writeFileSync(lock, readFileSync(lock, 'utf8').replace('"version":"24.21.0"', '"version":"24.21.1"'));
    rmSync(join(clone, 'node_modules/.package-lock.json'));
    assert.match((await bootstrap(['program.ts'])).stderr, /Installing packages/);
  });

  test('is left out where somebody has installed by hand what the lock file names', async () => {
    execFileSync('npm', ['install', '--no-save', '--no-audit', '--no-fund'], { cwd: clone, env: { ...process.env, ...NOWHERE }, stdio: 'pipe' });
    const run = await bootstrap(['program.ts']);
    assert.deepEqual([run.code, run.stderr], [0, '']);
    assert.ok(existsSync(join(clone, 'node_modules/.syncline-stamp')));
  });

  test('works inside an npm script, and where NODE_ENV is production', async () => {
    const run = await end(start(['run', '--silent', 'start', '--', 'x'], { NODE_ENV: 'production' }, 'npm'));
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(JSON.parse(run.stdout).args, ['x']);
  });

  test('that fails shows what npm said, and nothing is run', async () => {
    const lock = join(clone, 'package-lock.json');
    const manifest = join(clone, 'package.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"tiny":"file:vendor/tiny"', '"tiny":"1.2.3"'));
    rmSync(lock);
    writeFileSync(lock, '{"lockfileVersion":3,"packages":{"node_modules/tiny":{"version":"1.2.3"}}}');
    const run = await bootstrap(['program.ts']);
    assert.equal(run.code, 1);
    assert.match(run.stderr, /Installing packages … failed\n\nnpm error .*ECONNREFUSED/s);
    assert.equal(run.stdout, '');
    assert.equal(existsSync(join(clone, 'node_modules/.syncline-stamp')), false, 'the next start would not install');
  });

  test('without npm on PATH says where npm comes from', async () => {
    const run = await bootstrap(['program.ts'], { PATH: '/nowhere' });
    assert.equal(run.code, 1);
    assert.match(run.stderr, /There is no npm on PATH/);
  });
});

describe('the Node that runs the program', () => {
  test('is the one of the package "node" where the machine has an older one', async () => {
    const run = await bootstrap(['program.ts'], onOldNode());
    assert.equal(run.code, 0, run.stderr);
    assert.equal(JSON.parse(run.stdout).node, 'package');
  });

  test('is fetched without any script where install scripts are not allowed, and found again', async (context) => {
    clone = makeClone({ hasNode: false });
    const registry = await serveRegistry();
    context.after(() => registry.stop());
    const first = await bootstrap(['program.ts'], {
      ...onOldNode(),
      npm_config_registry: registry.url,
      npm_config_ignore_scripts: 'true',
      npm_config_cache: join(clone, '.npm'),
    });
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /Fetching Node 24\.21\.0 … done/);
    assert.equal(JSON.parse(first.stdout).node, 'fetched');
    const second = await bootstrap(['program.ts'], onOldNode());
    assert.deepEqual([second.stderr, JSON.parse(second.stdout).node], ['', 'fetched']);
  });

  test('where none can be had, what to do is said', async () => {
    clone = makeClone({ hasNode: false });
    const run = await bootstrap(['program.ts'], onOldNode());
    assert.equal(run.code, 1);
    assert.match(run.stderr, /Node 24 is needed and this is 20\.0\.0.*install Node 24.*npm rebuild node --ignore-scripts=false/s);
    assert.equal(run.stdout, '');
  });
});

describe('the program', () => {
  test("'s exit code is passed on; without one, how to use it is said", async () => {
    assert.equal((await bootstrap(['program.ts', 'exit'])).code, 7);
    const none = await bootstrap([]);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /Usage: node scripts\/bootstrap\.mjs PROGRAM\.ts/);
  });

  test('gets the signals, and its end by one is told as the shell does', async () => {
    for (const [kind, code] of [
      ['handle', 9],
      ['wait', 128 + 15],
    ] as const) {
      const child = start(['program.ts', kind]);
      const ended = end(child);
      child.stdout?.on('data', (text: string) => text.includes('waiting') && child.kill('SIGTERM'));
      assert.equal((await ended).code, code);
    }
  });
});

/** A registry that has the one package which the script of "node" would fetch. */
async function serveRegistry(): Promise<{ readonly url: string; stop(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-bootstrap-'));
  folders.push(folder);
  write(join(folder, 'package/package.json'), JSON.stringify({ name: ARCH_PACKAGE, version: '24.21.0', bin: { node: 'bin/node' } }));
  writeNode(join(folder, 'package/bin/node'), 'fetched');
  const tarball = execFileSync('tar', ['-czf', '-', '-C', folder, 'package']);
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz') === true) response.end(tarball);
    else if (request.url === `/${ARCH_PACKAGE}`) {
      const version = { name: ARCH_PACKAGE, version: '24.21.0', bin: { node: 'bin/node' }, dist: { tarball: `${url()}/node.tgz` } };
      response.end(JSON.stringify({ name: ARCH_PACKAGE, 'dist-tags': { latest: '24.21.0' }, versions: { '24.21.0': version } }));
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = () => {
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  };
  return {
    url: url(),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
