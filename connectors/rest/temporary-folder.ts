import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = 'syncline-records-';
/** Of this machine, or container: others that share the folder have processes of their own. */
const OURS = `${NAME}${hostname()}-`;
let isSwept = false;

/** A new folder for files with records, for this user alone. What a process that was killed has left in its own is removed by the next one that makes any. */
export function makeTemporaryFolder(): string {
  if (!isSwept) sweep();
  isSwept = true;
  return mkdtempSync(join(tmpdir(), `${OURS}${process.pid}-`));
}

function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(OURS)) continue;
    const pid = Number(/^(\d+)-/.exec(name.slice(OURS.length))?.[1] ?? Number.NaN);
    // We have made none yet: in a container, who was killed before had our id.
    if (Number.isInteger(pid) && (pid === process.pid || !isAlive(pid))) removeQuietly(join(tmpdir(), name));
  }
}

/** Another user's folder is not ours to remove. */
function removeQuietly(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // It stays.
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
