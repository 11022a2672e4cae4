import { atCursorInstant, cursorInstant, cursorStepMs } from './cursor-value.ts';

/** What a backfill reads: records whose incremental field lies between the bounds, the first included; both are written as the source writes that field. */
export interface BackfillRange {
  readonly from: string;
  readonly to: string;
  /** How long a window is, in ms. */
  readonly sizeMs: number;
}

/** More would each cost more to begin than to read. */
export const MOST_WINDOWS = 10_000;

/** Why a range cannot be read in windows, for people; undefined where it can. */
export function rangeMistake({ from, to, sizeMs }: BackfillRange): string | undefined {
  const [first, last] = [cursorInstant(from), cursorInstant(to)];
  if (first === undefined || last === undefined) return `"${first === undefined ? from : to}" is no time: write 2026-01-31, or 2026-01-31T12:00:00Z`;
  if (first >= last) return `${from} is not before ${to}`;
  const stepMs = cursorStepMs(from);
  if (sizeMs < stepMs || sizeMs % stepMs !== 0) return `windows of ${sizeMs / 1_000} s cannot be told apart in times written like ${from}`;
  const count = Math.ceil((last - first) / sizeMs);
  return count > MOST_WINDOWS ? `that is ${count} windows, and ${MOST_WINDOWS} are the most: choose longer ones` : undefined;
}

export function countWindows({ from, to, sizeMs }: BackfillRange): number {
  return Math.max(1, Math.ceil(((cursorInstant(to) ?? 0) - (cursorInstant(from) ?? 0)) / sizeMs));
}

/** The window at `index`, from 0: the oldest comes first, each begins where the one before ends. */
export function windowAt(range: BackfillRange, index: number): { readonly from: string; readonly to: string } {
  const startMs = cursorInstant(range.from) ?? 0;
  const bound = (at: number) => atCursorInstant(range.from, startMs + at * range.sizeMs);
  return { from: index === 0 ? range.from : bound(index), to: index >= countWindows(range) - 1 ? range.to : bound(index + 1) };
}
