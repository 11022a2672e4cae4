import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError } from '../../engine/errors.ts';
import type { SyncRef } from '../../engine/ids.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import type { LogEvent } from './log-event.ts';
import type { LogPrinter } from './print-log.ts';
import { type LogQuery, readLog } from './read-log.ts';

const LOOK_EVERY_MS = 1_000;
/** What is written down some time after it was: so far back is looked again. */
const BEHIND_MS = 30_000;
const MOST = 10_000;

/** Prints what comes, until it is interrupted. @param shown what was printed before */
export async function followLog(
  cli: Cli,
  ref: SyncRef,
  { run: only, hasSamples }: Pick<LogQuery, 'run' | 'hasSamples'>,
  shown: readonly LogEvent[],
  printer: LogPrinter,
): Promise<void> {
  const signal = cli.interrupted();
  const seen = new Set(shown.map(({ id }) => id));
  while (!signal.aborted) {
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    const fresh = (await look(cli, ref, only, hasSamples)).filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) seen.add(id);
    printer.print(fresh);
  }
}

/** A ledger that is away for a moment is not worth failing for. */
async function look(cli: Cli, ref: SyncRef, only: Run | undefined, hasSamples: boolean): Promise<readonly LogEvent[]> {
  try {
    const run = only === undefined ? undefined : await (await cli.session.ledger()).readRun(only.id);
    return await readLog(cli, ref, { since: Date.now() - BEHIND_MS, run, limit: MOST, hasSamples, isFollowing: true });
  } catch (error) {
    if (error instanceof SyncError && error.retry !== 'never') return [];
    throw error;
  }
}
