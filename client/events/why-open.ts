import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { isOpen, waitLines } from '../following/run-snapshot.ts';

/** What keeps the open events of a sync, and what to do about it; undefined where nothing does. @param runs of the sync, the latest first */
export function whyOpen(cli: Pick<Cli, 'command'>, runs: readonly Run[], now: number): string | undefined {
  const run = runs.find(({ options }) => options.events === true);
  if (run === undefined) return undefined;
  if (run.state === 'failed') return `their last run failed: ${cli.command(`show ${run.id}`)}`;
  if (!isOpen(run.state)) return undefined;
  return run.sweep?.state === 'waiting' ? `their run waits for a decision: ${cli.command(`deletes list ${run.id}`)}` : waitLines(run.waits, now)[0];
}
