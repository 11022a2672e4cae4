import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { readOrphans } from './dev-lock.ts';

const PROGRAMS = /(worker[\\/](temporal-)?main|(listener|sandbox)[\\/]main)\.(ts|js)/;

/**
 * Stops what an earlier `dev` left behind when it was killed: only processes whose command line still is one of our programs, as ids are used again.
 * @returns the names of those stopped
 */
export async function stopOrphans(project: string): Promise<readonly string[]> {
  const orphans = readOrphans(project).filter(([, pid]) => PROGRAMS.test(commandLine(pid)));
  for (const [, pid] of orphans) signal(pid, 'SIGTERM');
  for (let waited = 0; waited < 10_000 && orphans.some(([, pid]) => signal(pid, 0)); waited += 100) await sleep(100);
  for (const [, pid] of orphans) signal(pid, 'SIGKILL');
  return orphans.map(([name]) => name);
}

/** @returns false where the process is gone */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function commandLine(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
