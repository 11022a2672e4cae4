import { cursorInstant } from '../../engine/cursor-value.ts';
import { writtenDuration } from '../../engine/duration.ts';
import type { BackfillProgress } from '../../workflows/contract.ts';
import { quoted } from '../output/text.ts';

type Ended = Pick<BackfillProgress, 'phase' | 'range' | 'failed' | 'failedCount'>;

/** The command that reads what a backfill has left, in windows of the same length. */
export function backfillOfRest(sync: string, { range, ...ended }: Ended): string {
  const from = firstLeft({ range, ...ended });
  return `backfill ${sync} --from ${quoted(from)} --to ${quoted(range.to)} --partition ${writtenDuration(range.sizeMs)}`;
}

/** Windows begin in their order and end in any: where not all that were left are named, any may be the first. */
function firstLeft({ phase, range, failed, failedCount }: Ended): string {
  if (phase === 'cancelled' || failedCount > failed.length) return range.from;
  const [first] = failed.toSorted((one, other) => (cursorInstant(one.from) ?? 0) - (cursorInstant(other.from) ?? 0));
  return first?.from ?? range.from;
}
