import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { SyncError } from '../../engine/errors.ts';
import { commandLine, isAlive } from './process-state.ts';
import { databaseFile } from './server-command.ts';

const STOP_TIMEOUT_MS = 12_000;
const recordSchema = z.object({ pid: z.number(), owner: z.number(), address: z.string() });

/** Which server uses a directory: two on one database file would ruin it. */
type ServerRecord = z.output<typeof recordSchema>;

/**
 * Makes sure that no server uses the directory. One whose owner was killed is stopped.
 * @throws SyncError where one runs that belongs to somebody
 */
export async function claimDirectory(directory: string): Promise<void> {
  const found = read(directory);
  if (found === undefined || !isOurs(found, directory)) return;
  if (isAlive(found.owner)) {
    throw new SyncError({
      code: 'SYSTEM_UNAVAILABLE',
      retry: 'never',
      message: `A Temporal server for ${directory} runs already at ${found.address} (process ${found.pid}): use it by TEMPORAL_ADDRESS=${found.address}, or stop it: kill ${found.owner}`,
    });
  }
  process.kill(found.pid, 'SIGTERM');
  const end = Date.now() + STOP_TIMEOUT_MS;
  while (isOurs(found, directory) && Date.now() < end) await sleep(50);
  if (isOurs(found, directory)) process.kill(found.pid, 'SIGKILL');
}

export function recordServer(directory: string, record: ServerRecord): void {
  writeFileSync(fileOf(directory), `${JSON.stringify(record)}\n`);
}

export function forgetServer(directory: string): void {
  rmSync(fileOf(directory), { force: true });
}

function fileOf(directory: string): string {
  return join(directory, 'temporal.pid');
}

function read(directory: string): ServerRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(fileOf(directory), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Process ids are used again: only one that has our database on its command line is meant. */
function isOurs({ pid }: ServerRecord, directory: string): boolean {
  return isAlive(pid) && commandLine(pid).includes(databaseFile(directory));
}
