import type { Run } from '../../ledger/ledger.ts';
import { formatCount } from '../output/numbers.ts';
import { plural } from '../output/text.ts';
import type { RunDrift } from './run-report.ts';
import type { TakeAway } from './take-away.ts';

/** What became of records that the source no longer has, in sentences; none where the run was not to look. */
export function sweepLines({ sweep, totals }: Run, { verb, done }: TakeAway): readonly string[] {
  if (sweep === undefined) return [];
  const lines: string[] = [];
  if (sweep.reason === 'source-empty')
    lines.push(`Nothing was ${done}: the source answered without a single record, and ${formatCount(sweep.known)} were sent from it before.`);
  if (sweep.reason === 'source-drift')
    lines.push(`Nothing was ${done}: a field by which records leave, in the filter or as a tombstone, has changed at the source.`);
  if (sweep.reason === 'backfill') lines.push(`Nothing was ${done}: a backfill was being read, which may hold what has gone since. The next run looks again.`);
  if (sweep.reason === 'read-incomplete') lines.push(`Nothing was ${done}: the read did not reach its end.`);
  if (sweep.state === 'waiting')
    lines.push(`${plural(sweep.due, 'record')} of ${formatCount(sweep.known)} gone from the source: a person is asked before they are ${done}.`);
  if (sweep.state === 'denied') lines.push(`${plural(sweep.due, 'record')} gone from the source, and kept: a person chose not to ${verb} them.`);
  if (totals.deletesRejected > 0)
    lines.push(`${plural(totals.deletesRejected, 'record')} gone from the source, and not ${done}: the target refused it; the next run tries again.`);
  if (sweep.extra > 0) lines.push(`${plural(sweep.extra, 'record')} gone that this sync did not create: left alone (delete.scope).`);
  if (sweep.shared > 0) lines.push(`${plural(sweep.shared, 'record')} gone, and kept in the target: another record of the source is the same one there.`);
  if (sweep.unconfirmed > 0)
    lines.push(`${plural(sweep.unconfirmed, 'record')} not found once: ${done} where the next complete read does not find them either.`);
  return lines;
}

/** What a run found when it read the target back. */
export function driftLines(drift: RunDrift | undefined): readonly string[] {
  if (drift === undefined) return [];
  const { checked, found, counts, left } = drift;
  const lines: string[] = [];
  if (counts !== undefined && counts.inTarget < counts.told)
    lines.push(
      `The target has ${plural(counts.inTarget, 'record')} and was told of ${formatCount(counts.told)}: ${formatCount(counts.told - counts.inTarget)} or more are gone.`,
    );
  const other = found.missing + found.changed;
  if (other > 0) {
    const what = `${plural(other, 'record')} of ${formatCount(checked)} were missing in the target or changed there by others`;
    if (left === 0) lines.push(`${what}: written again.`);
    else lines.push(left === other ? `${what}.` : `${what}: ${formatCount(other - left)} written again, ${formatCount(left)} left as they are.`);
  }
  if (found.duplicated > 0) lines.push(`${plural(found.duplicated, 'record')} in the target more than once: merge them there.`);
  if (found.extra > 0) lines.push(`${plural(found.extra, 'record')} in the target that no sync sent.`);
  return lines;
}
