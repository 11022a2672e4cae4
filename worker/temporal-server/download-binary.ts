import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { request } from 'undici';
import type { FindBinaryOptions } from './find-binary.ts';
import { TEMPORAL_CLI_VERSION } from './version.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const TOTAL_TIMEOUT_MS = 300_000;
const PROGRESS_EVERY_BYTES = 8_000_000;

/** Downloads the official archive and unpacks it into the cache. @throws Error with a sentence for the list of what was tried */
export async function downloadBinary(target: string, { onProgress }: FindBinaryOptions): Promise<void> {
  const cpu = arch() === 'arm64' ? 'arm64' : 'amd64';
  const url = `https://temporal.download/cli/archive/v${TEMPORAL_CLI_VERSION}?platform=${platform()}&arch=${cpu}`;
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(join(dirname(target), 'download-'));
  try {
    onProgress('downloading the Temporal server');
    const archive = join(folder, 'temporal.tar.gz');
    await fetchTo(url, archive, onProgress);
    const unpacked = spawnSync('tar', ['-xzf', archive, '-C', folder, 'temporal']);
    if (unpacked.status !== 0) throw new Error('the archive could not be unpacked');
    renameSync(join(folder, 'temporal'), target);
  } catch (error) {
    throw new Error(`download failed: ${reasonOf(error)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fetchTo(url: string, file: string, onProgress: (text: string) => void): Promise<void> {
  const connecting = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
  const answer = await request(url, { signal: connecting, headersTimeout: CONNECT_TIMEOUT_MS }).then(follow);
  if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
  const total = Number(answer.headers['content-length'] ?? 0);
  let received = 0;
  let told = 0;
  const body = answer.body;
  body.on('data', (piece: Buffer) => {
    received += piece.length;
    if (received - told < PROGRESS_EVERY_BYTES) return;
    told = received;
    onProgress(`downloading the Temporal server: ${megabytes(received)}${total > 0 ? ` of ${megabytes(total)}` : ''} MB`);
  });
  await pipeline(body, createWriteStream(file), { signal: AbortSignal.timeout(TOTAL_TIMEOUT_MS) });
}

async function follow(answer: Awaited<ReturnType<typeof request>>): Promise<Awaited<ReturnType<typeof request>>> {
  const { location } = answer.headers;
  if (answer.statusCode < 300 || answer.statusCode > 399 || typeof location !== 'string' || !location.startsWith('https://')) return answer;
  await answer.body.dump();
  return request(location, { headersTimeout: CONNECT_TIMEOUT_MS });
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(0);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no connection within 5 s';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
