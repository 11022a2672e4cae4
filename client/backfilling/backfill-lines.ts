import type { BackfillProgress } from '../../workflows/contract.ts';
import { outcomeCounts } from '../following/run-snapshot.ts';
import { formatCount, formatPercent } from '../output/numbers.ts';
import { progressBar } from '../output/progress-bar.ts';
import { clean, cut, plural, textWidth } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';
import type { BackfillSnapshot, SilentBackfill } from './follow-backfill.ts';

const BAR_WIDTH = 30;
const MOST_FAILED = 5;

/** In one line: `45 of 152 windows (29 %)  12,300 read, 500 updated, 11,800 unchanged`. */
export function backfillLine({ progress, totals }: BackfillSnapshot): string {
  const { windows, done, failedCount } = progress;
  const counts = [`${formatCount(totals.read)} read`, ...outcomeCounts(totals).map(([name, count]) => `${formatCount(count)} ${name}`)];
  const failed = failedCount === 0 ? '' : `, ${formatCount(failedCount)} failed`;
  return `${formatCount(done)} of ${plural(windows, 'window')} (${formatPercent(done, windows)})${failed}  ${counts.join(', ')}`;
}

/** A few lines in a terminal, none wider than it. */
export function backfillLines(
  snapshot: BackfillSnapshot | SilentBackfill,
  theme: Theme,
  { width, spinner }: { readonly width: number; readonly spinner: string },
): readonly string[] {
  const { progress, sync, trouble } = snapshot;
  if (progress === undefined) return [`${theme.warning('⏸')} ${theme.strong(sync)}  ${cut(trouble, Math.max(1, width - textWidth(sync) - 4))}`];
  const { range, windows, done, running, paused } = progress;
  const mark = paused || trouble !== undefined ? theme.warning('⏸') : theme.good(spinner);
  const state = trouble ?? (paused ? 'paused' : 'backfilling');
  const head = `${mark} ${theme.strong(sync)}  ${state}`;
  const span = `${range.from} to ${range.to}`;
  return [
    textWidth(head) + 2 + span.length <= width ? `${head}  ${theme.faint(span)}` : head,
    `  ${progressBar(windows === 0 ? 0 : done / windows, Math.min(BAR_WIDTH, Math.max(8, width - 10)), theme)}`,
    `  ${cut(backfillLine(snapshot), width - 2)}`,
    ...running.map(({ from, runId }) => theme.faint(cut(`  ${spinner} from ${from}  ${runId}`, width))),
  ];
}

/** What went wrong, window by window. */
export function failedLines({ failed, failedCount }: Pick<BackfillProgress, 'failed' | 'failedCount'>, theme: Theme): readonly string[] {
  const shown = failed.slice(0, MOST_FAILED).map(({ from, because, runId }) => theme.bad(`  ✗ from ${from}  ${clean(because)}  ${runId}`));
  return failedCount > shown.length ? [...shown, `  and ${plural(failedCount - shown.length, 'more window')}`] : shown;
}
