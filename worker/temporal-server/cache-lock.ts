import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EnsureBinaryOptions } from './ensure-temporal-binary.ts';
import { isAlive } from './process-state.ts';

const BEAT_EVERY_MS = 5_000;
/** A holder that has not beaten for so long is gone, whatever its process id says: ids are used again. */
const STALE_AFTER_MS = 60_000;
const LOOK_EVERY_MS = 250;
const TELL_EVERY_MS = 15_000;

/** Lets one process at a time fetch the binary into the cache; the others wait. A lock whose holder was killed is taken over. */
export async function withCacheLock<Result>(
  folder: string,
  options: Pick<EnsureBinaryOptions, 'onProgress' | 'signal'>,
  work: () => Promise<Result>,
): Promise<Result> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'fetching.lock');
  for (let waitedMs = 0; !take(file); waitedMs += LOOK_EVERY_MS) {
    if (waitedMs % TELL_EVERY_MS === 0) options.onProgress('another process is fetching the Temporal server: waiting for it');
    await sleep(LOOK_EVERY_MS, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
  const beat = setInterval(() => utimesSync(file, new Date(), new Date()), BEAT_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    rmSync(file, { force: true });
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (isStale(file)) rmSync(file, { force: true });
    return false;
  }
}

function isStale(file: string): boolean {
  try {
    return !isAlive(Number(readFileSync(file, 'utf8'))) || Date.now() - statSync(file).mtimeMs > STALE_AFTER_MS;
  } catch {
    return false;
  }
}
