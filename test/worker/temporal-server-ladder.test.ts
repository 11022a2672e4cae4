import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EnsureBinaryOptions, ensureTemporalBinary } from '../../worker/temporal-server/ensure-temporal-binary.ts';
import { cachedBinaryPath } from '../../worker/temporal-server/version.ts';
import { isRunning } from './temporal-program.ts';

const NOTHING_LISTENS = 'http://127.0.0.1:1';
const CLI = `#!/bin/sh
echo "--db-filename --dynamic-config-value --http-port --ip --metrics-port --search-attribute --ui-ip --ui-disable-news-fetch"
`;

/** A machine of its own: an empty PATH, an empty home folder, a proxy where nothing listens. */
interface Machine {
  readonly bin: string;
  readonly cached: string;
  readonly env: NodeJS.ProcessEnv;
}

const folders: string[] = [];
let machine: Machine;
beforeEach(() => {
  const home = mkdtempSync(join(tmpdir(), 'syncline-ladder-'));
  folders.push(home);
  const env = { PATH: join(home, 'bin'), HOME: home, https_proxy: NOTHING_LISTENS, http_proxy: NOTHING_LISTENS };
  mkdirSync(join(home, 'bin'));
  machine = { bin: join(home, 'bin'), cached: cachedBinaryPath(env), env };
});
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const progress: string[] = [];
const ensure = (options: Partial<EnsureBinaryOptions> = {}) =>
  ensureTemporalBinary({ env: machine.env, onProgress: (text) => progress.push(text), ...options });

function install(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

/** A Go that "builds" in a moment, and writes down how often. */
function installGo({ version = '1.22.0', build = '' }: { readonly version?: string; readonly build?: string } = {}): string {
  const log = join(machine.bin, 'go.log');
  install(join(machine.bin, 'cli'), CLI);
  const script = `#!/bin/sh
echo "$1 $GOTOOLCHAIN" >> ${log}
case "$1" in
  version) echo "go version go${version} linux/amd64" ;;
  build) ${build}
    while [ "$1" != -o ]; do shift; done
    /bin/cp ${join(machine.bin, 'cli')} "$2" ;;
esac
`;
  install(join(machine.bin, 'go'), script);
  return log;
}

test('with nothing there and no network, one error names each thing tried, why it failed, and what to install', async () => {
  const start = Date.now();
  await assert.rejects(ensure(), (error: Error) => {
    assert.match(error.message, /PATH: there is no "temporal"/);
    assert.match(error.message, /cache: there is no .*\.cache\/syncline\/temporal\/1\.8\.2\/temporal/);
    assert.match(error.message, /download: temporal\.download cannot be reached \(\w+\)/);
    assert.match(error.message, /build with Go: there is no Go on PATH/);
    assert.match(error.message, /Install the Temporal CLI 1\.8\.2 .* or Go 1\.21 or newer, or set TEMPORAL_ADDRESS/);
    assert.equal('code' in error && error.code, 'SYSTEM_UNAVAILABLE');
    return true;
  });
  assert.ok(Date.now() - start < 15_000);
  assert.deepEqual(readdirSync(dirname(machine.cached)), [], 'something was left behind');
});

test('the one on PATH comes first, then the one in the cache', async () => {
  install(machine.cached, CLI);
  assert.equal((await ensure()).path, machine.cached);
  install(join(machine.bin, 'temporal'), CLI);
  assert.equal((await ensure()).path, join(machine.bin, 'temporal'));
});

test('XDG_CACHE_HOME moves the cache', async () => {
  const cache = join(machine.env['HOME'] ?? '', 'elsewhere');
  const path = join(cache, 'syncline', 'temporal', '1.8.2', 'temporal');
  install(path, CLI);
  assert.equal((await ensure({ env: { ...machine.env, XDG_CACHE_HOME: cache } })).path, path);
  install(machine.cached, CLI);
  for (const none of ['', 'relative/cache'])
    assert.equal((await ensure({ env: { ...machine.env, XDG_CACHE_HOME: none } })).path, machine.cached, 'counts as none');
});

test('one on PATH that is too old is passed over, and named where there is no other', async () => {
  install(join(machine.bin, 'temporal'), '#!/bin/sh\necho "--ip --db-filename"\n');
  await assert.rejects(ensure(), /PATH: .*temporal is too old, or no Temporal CLI: .*--ui-ip/);
  install(machine.cached, CLI);
  assert.equal((await ensure()).path, machine.cached);
});

test('a broken one in the cache is replaced', async () => {
  install(machine.cached, 'not a program');
  installGo();
  assert.equal((await ensure()).path, machine.cached);
  assert.equal(readFileSync(machine.cached, 'utf8'), CLI);
});

describe('the build', () => {
  test('puts the binary into the cache in one move, lets Go fetch its toolchain, and tells how long it takes', async () => {
    const log = installGo();
    progress.length = 0;
    const binary = await ensure();
    assert.equal(binary.path, machine.cached);
    assert.ok(binary.flags.has('--ui-disable-news-fetch'));
    assert.match(readFileSync(log, 'utf8'), /mod auto\nbuild auto\n/);
    assert.ok(
      progress.some((text) => /building the Temporal server, \d+ s/.test(text)),
      progress.join('; '),
    );
    assert.deepEqual(readdirSync(dirname(machine.cached)), ['temporal'], 'something was left behind');
  });

  test('that fails is told in the words of Go', async () => {
    installGo({ build: 'echo "go: downloading x" >&2; echo "no space left on device" >&2; exit 1' });
    await assert.rejects(ensure(), /build with Go: go build -trimpath failed: no space left on device/);
  });

  test('is not tried with a Go that cannot fetch a newer one', async () => {
    installGo({ version: '1.19.4' });
    await assert.rejects(ensure(), /build with Go: Go 1\.19 is too old to fetch the Go that is needed/);
  });

  test('happens once for two that want it at the same time', async () => {
    const log = installGo({ build: '/bin/sleep 0.5' });
    const [first, second] = await Promise.all([ensure(), ensure()]);
    assert.deepEqual([first.path, second.path], [machine.cached, machine.cached]);
    assert.equal(readFileSync(log, 'utf8').match(/^build/gm)?.length, 1);
  });

  test('takes over the lock of a process that is gone, and clears what it left', async () => {
    installGo();
    const folder = dirname(machine.cached);
    mkdirSync(join(folder, 'build-left'), { recursive: true });
    const gone = Number(execFileSync('/bin/sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
    writeFileSync(join(folder, 'fetching.lock'), String(gone));
    await ensure();
    assert.deepEqual(readdirSync(folder), ['temporal']);
  });

  test('ends with all its processes when it is given up', async () => {
    const pidFile = join(machine.bin, 'sleep.pid');
    installGo({ build: `/bin/sleep 60 & echo $! > ${pidFile}; wait` });
    const giveUp = new AbortController();
    const building = ensure({ signal: giveUp.signal });
    while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '') await sleep(20);
    giveUp.abort(new Error('given up'));
    await assert.rejects(building, /given up/);
    await sleep(100);
    assert.equal(isRunning(Number(readFileSync(pidFile, 'utf8'))), false);
    assert.deepEqual(readdirSync(dirname(machine.cached)), []);
  });
});

describe('the download', () => {
  /** Temporal's download service, on loopback. */
  async function serveDownload(answer: {
    readonly archive: Buffer;
    readonly announced?: number;
    readonly fileToExtract?: string;
  }): Promise<{ url: string; asked: string[]; stop(): void }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      if (request.url?.startsWith('/cli/') === true) {
        response.end(JSON.stringify({ archiveUrl: `${url()}/archive.tar.gz`, fileToExtract: answer.fileToExtract ?? 'temporal' }));
        return;
      }
      response.writeHead(200, { 'content-length': answer.announced ?? answer.archive.length });
      response.end(answer.archive, () => response.socket?.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = () => {
      const address = server.address();
      return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    };
    return { url: url(), asked, stop: () => server.closeAllConnections() ?? server.close() };
  }

  function makeArchive(): Buffer {
    const folder = mkdtempSync(join(tmpdir(), 'syncline-ladder-'));
    folders.push(folder);
    install(join(folder, 'temporal'), CLI);
    return execFileSync('tar', ['-czf', '-', '-C', folder, 'temporal']);
  }

  test('asks as the SDKs do, unpacks the archive into the cache, and leaves nothing else', async (context) => {
    const service = await serveDownload({ archive: makeArchive() });
    context.after(() => service.stop());
    const binary = await ensure({ downloadUrl: service.url, env: { ...machine.env, no_proxy: '127.0.0.1' } });
    assert.equal(binary.path, machine.cached);
    assert.match(service.asked[0] ?? '', /^\/cli\/v1\.8\.2\?arch=(amd64|arm64)&platform=(linux|darwin)&format=tar\.gz$/);
    assert.deepEqual(readdirSync(dirname(machine.cached)), ['temporal']);
  });

  test('that ends early, or would write elsewhere, is refused', async (context) => {
    const archive = makeArchive();
    const short = await serveDownload({ archive, announced: archive.length + 10 });
    const outside = await serveDownload({ archive, fileToExtract: '../temporal' });
    context.after(() => [short.stop(), outside.stop()]);
    const env = { ...machine.env, no_proxy: '127.0.0.1' };
    await assert.rejects(ensure({ downloadUrl: short.url, env }), /download: /);
    await assert.rejects(ensure({ downloadUrl: outside.url, env }), /download: .* named a file outside of the archive/);
    assert.equal(existsSync(machine.cached), false);
  });

  test('whose binary does not run is not kept for good: the build comes next', async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'syncline-ladder-'));
    folders.push(folder);
    install(join(folder, 'temporal'), '#!/bin/sh\nexit 1\n');
    const service = await serveDownload({ archive: execFileSync('tar', ['-czf', '-', '-C', folder, 'temporal']) });
    context.after(() => service.stop());
    installGo();
    await ensure({ downloadUrl: service.url, env: { ...machine.env, no_proxy: '127.0.0.1' } });
    assert.equal(readFileSync(machine.cached, 'utf8'), CLI);
  });
});
