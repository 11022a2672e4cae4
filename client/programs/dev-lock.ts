import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const devLockSchema = z.object({
  /** By program: dev, temporal, worker, listener, sandbox. */
  pids: z.record(z.string(), z.number()),
  address: z.string(),
  uiUrl: z.string().optional(),
  startedAt: z.number(),
});

/** What a running `syncline dev` of a project says about itself. */
export type DevLock = z.output<typeof devLockSchema>;

export function stateDirectory(project: string): string {
  return join(project, '.syncline');
}

function lockFile(project: string): string {
  return join(stateDirectory(project), 'dev.lock');
}

/** @returns undefined where there is none, it cannot be read, or the `dev` that wrote it is gone */
export function readDevLock(project: string): DevLock | undefined {
  const file = lockFile(project);
  if (!existsSync(file)) return undefined;
  try {
    const lock = devLockSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return isAlive(lock.pids['dev']) ? lock : undefined;
  } catch {
    return undefined;
  }
}

export function writeDevLock(project: string, lock: DevLock): void {
  const file = lockFile(project);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}

export function removeDevLock(project: string): void {
  rmSync(lockFile(project), { force: true });
}

/** The programs of a lock that are still there although its `dev` is gone. */
export function readOrphans(project: string): readonly (readonly [name: string, pid: number])[] {
  try {
    const lock = devLockSchema.parse(JSON.parse(readFileSync(lockFile(project), 'utf8')));
    if (isAlive(lock.pids['dev'])) return [];
    return Object.entries(lock.pids).filter(([, pid]) => isAlive(pid));
  } catch {
    return [];
  }
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
