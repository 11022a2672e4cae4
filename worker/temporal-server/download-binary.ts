import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { z } from 'zod';
import type { EnsureBinaryOptions } from './ensure-temporal-binary.ts';
import { TEMPORAL_CLI_VERSION } from './version.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const TOTAL_TIMEOUT_MS = 300_000;
const PROGRESS_EVERY_BYTES = 10_000_000;
const LARGEST_ARCHIVE_BYTES = 500_000_000;
const CPUS: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

const locationSchema = z.object({ archiveUrl: z.url(), fileToExtract: z.string() });

/** Downloads the official archive in the way of Temporal's SDKs (sdk-core, `ephemeral_server`) and unpacks it. @throws Error with a sentence for the list of what was tried */
export async function downloadBinary(
  target: string,
  { env, onProgress, signal, downloadUrl = 'https://temporal.download' }: EnsureBinaryOptions,
): Promise<void> {
  const cpu = CPUS[arch()];
  if (cpu === undefined || !['linux', 'darwin'].includes(platform())) throw new Error(`there is none for ${platform()} ${arch()}`);
  onProgress('looking for a download of the Temporal server');
  const folder = mkdtempSync(join(dirname(target), 'download-'));
  const dispatcher = proxyAgent(env);
  const ended = AbortSignal.any([AbortSignal.timeout(TOTAL_TIMEOUT_MS), ...(signal === undefined ? [] : [signal])]);
  try {
    const where = await locate(`${downloadUrl}/cli/v${TEMPORAL_CLI_VERSION}?arch=${cpu}&platform=${platform()}&format=tar.gz`, dispatcher, ended);
    const archive = join(folder, 'temporal.tar.gz');
    await save(where.archiveUrl, archive, dispatcher, ended, onProgress);
    const unpacked = spawnSync('tar', ['-xzf', archive, '-C', folder, where.fileToExtract], { encoding: 'utf8' });
    if (unpacked.status !== 0) throw new Error(`the archive could not be unpacked: ${unpacked.error?.message ?? unpacked.stderr.trim()}`);
    renameSync(join(folder, where.fileToExtract), target);
  } catch (error) {
    throw new Error(reasonOf(error, downloadUrl));
  } finally {
    rmSync(folder, { recursive: true, force: true });
    // Not awaited: a connection that hangs would hold us.
    dispatcher.destroy().catch(() => undefined);
  }
}

/** Proxies as in the environment that was given, not as in our own. */
function proxyAgent(env: NodeJS.ProcessEnv): EnvHttpProxyAgent {
  const find = (name: string) => env[name] ?? env[name.toUpperCase()] ?? '';
  return new EnvHttpProxyAgent({
    httpProxy: find('http_proxy'),
    httpsProxy: find('https_proxy'),
    noProxy: find('no_proxy'),
    connect: { timeout: CONNECT_TIMEOUT_MS },
  });
}

async function locate(url: string, dispatcher: Dispatcher, signal: AbortSignal): Promise<z.output<typeof locationSchema>> {
  const { statusCode, body } = await request(url, { dispatcher, headersTimeout: CONNECT_TIMEOUT_MS, bodyTimeout: CONNECT_TIMEOUT_MS, signal });
  if (statusCode !== 200) throw new Error(`${new URL(url).host} answered ${statusCode}`);
  const where = locationSchema.parse(await body.json());
  const isLoopback = new URL(where.archiveUrl).hostname === '127.0.0.1' && new URL(url).hostname === '127.0.0.1';
  if (!where.archiveUrl.startsWith('https://') && !isLoopback) throw new Error(`${new URL(url).host} named an address without HTTPS`);
  if (!/^[\w.-]+$/.test(where.fileToExtract)) throw new Error(`${new URL(url).host} named a file outside of the archive`);
  return where;
}

async function save(url: string, file: string, dispatcher: Dispatcher, signal: AbortSignal, onProgress: (text: string) => void): Promise<void> {
  const { statusCode, headers, body } = await request(url, { dispatcher, headersTimeout: CONNECT_TIMEOUT_MS, signal });
  if (statusCode !== 200) throw new Error(`${new URL(url).host} answered ${statusCode}`);
  const expected = Number(headers['content-length'] ?? Number.NaN);
  const total = Number.isNaN(expected) ? '' : ` of ${megabytes(expected)}`;
  let received = 0;
  let told = 0;
  const meter = new Transform({
    transform(piece: Buffer, _encoding, done) {
      received += piece.length;
      if (received - told >= PROGRESS_EVERY_BYTES) {
        told = received;
        onProgress(`downloading the Temporal server: ${megabytes(received)}${total} MB`);
      }
      done(received > LARGEST_ARCHIVE_BYTES ? new Error('the archive is larger than it can be') : null, piece);
    },
  });
  await pipeline(body, meter, createWriteStream(file), { signal });
  if (!Number.isNaN(expected) && received !== expected) throw new Error(`the archive came incomplete: ${received} of ${expected} bytes`);
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(0);
}

function reasonOf(error: unknown, url: string): string {
  const { host } = new URL(url);
  if (!(error instanceof Error)) return `${host}: ${String(error)}`;
  if (error.name === 'TimeoutError') return `${host}: not done within ${TOTAL_TIMEOUT_MS / 60_000} minutes`;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return code === undefined || error.message.includes(host) ? error.message : `${host} cannot be reached (${code})`;
}
