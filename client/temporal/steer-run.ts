import type { SyncRef } from '../../engine/ids.ts';
import type { Run } from '../../ledger/ledger.ts';
import { PAUSE_SIGNAL, RESUME_SIGNAL } from '../../workflows/contract.ts';
import type { Cli } from '../cli.ts';
import { requireLiveRun } from './live-run.ts';

export interface Steered {
  readonly ref: SyncRef;
  readonly run: Run;
  /** False where it was so already. */
  readonly hasChanged: boolean;
}

/**
 * Asks the live run of a sync to pause or to go on, and writes that down. It does when a worker takes the message; what is so already is asked for, too, as another
 * message may still wait for one.
 * @throws CliError (exit 1) where it is not running
 */
export async function steerRun(cli: Cli, sync: string, verb: 'pause' | 'resume', consent: () => void = () => undefined): Promise<Steered> {
  const { ref, run, handle } = await requireLiveRun(cli, sync, verb);
  consent();
  const isPause = verb === 'pause';
  await handle.signal(isPause ? PAUSE_SIGNAL : RESUME_SIGNAL);
  await cli.audit.record(isPause ? 'run.paused' : 'run.resumed', { sync, runId: run.id });
  return { ref, run, hasChanged: run.control.paused !== isPause };
}
