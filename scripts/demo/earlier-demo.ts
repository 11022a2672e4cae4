import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const WAIT_MS = 5_000;
const recordSchema = z.object({ pids: z.array(z.number().int().positive()) });

/** Writes down which processes this demo runs, for the next one. */
export function noteProcesses(file: string, pids: readonly (number | undefined)[]): void {
  writeFileSync(file, JSON.stringify({ pids: pids.filter((pid) => pid !== undefined) }));
}

/** Programs of a demo that was killed end by themselves: waits for that. @throws Error where an earlier demo is up, with how to stop it */
export async function awaitEarlierDemo(file: string): Promise<void> {
  if (!existsSync(file)) return;
  const earlier = recordSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!earlier.success) return;
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const alive = earlier.data.pids.filter(isAlive);
    if (alive.length === 0) return;
    if (Date.now() > end) throw new Error(`An earlier demo is still up: stop it with "kill ${alive.join(' ')}", then start this one again.`);
    await sleep(200);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
