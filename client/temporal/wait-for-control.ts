import { setTimeout as sleep } from 'node:timers/promises';
import type { RunControl } from '../../engine/run.ts';
import type { Cli } from '../cli.ts';

const PATIENCE_MS = 30_000;

/** Waits until the run's row shows that a message was taken. @returns false where it has not been within half a minute */
export async function waitForControl(cli: Cli, runId: string, isReached: (control: RunControl) => boolean): Promise<boolean> {
  const ledger = await cli.session.ledger();
  const signal = cli.interrupted();
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until && !signal.aborted) {
    const run = await ledger.readRun(runId);
    if (run !== undefined && isReached(run.control)) return true;
    await sleep(100, undefined, { signal }).catch(() => undefined);
  }
  return false;
}
