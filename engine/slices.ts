import { beginningOf, calendarUnit } from './calendar.ts';
import { atCursorInstant, cursorInstant, cursorStepMs } from './cursor-value.ts';
import { parseDuration } from './duration.ts';
import type { Json } from './json.ts';

/** How a sync cuts its source object; structurally what definition's `slices` are. */
export type SliceRule =
  | { readonly by: 'window'; readonly from: string | number; readonly size: string; readonly field?: string | undefined }
  | { readonly by: 'ids'; readonly from: number; readonly to?: number | undefined; readonly size: number }
  | { readonly by: 'list'; readonly values: readonly (string | number | boolean)[] };

/** One part of the object. Without `from` it has no beginning, without `to` no end. */
export interface Slice {
  readonly from?: string | number;
  readonly to?: string | number;
  readonly value?: string | number | boolean;
}

/** The slices of one read: together they hold everything, neighbours overlap a little. */
export interface SlicePlan {
  /** Undefined: as many as there are until they are empty, then one more without an end. */
  readonly count: number | undefined;
  slice(index: number): Slice;
  /** From this slice on, all that is left. */
  rest(index: number): Slice;
  /**
   * Whose a record is that was read with a slice; undefined where its place cannot be told.
   * @param at the record's time or id, as text
   */
  belonging(slice: OpenSlice, at: string): Belonging | undefined;
}

/** `neighbour`: near enough for clocks, zones and bounds that are included; `stray`: the API was not asked for it. */
export type Belonging = 'own' | 'neighbour' | 'stray';

/** How far from its slice a time may lie that is written without its zone. */
const STRAY_MS = 86_400_000;

export interface SlicePlanInput {
  /** From where an incremental read reads; absent: everything. */
  readonly windowFrom?: string | undefined;
  /** The windows are those of the incremental field: they begin at `windowFrom`. */
  readonly isOfWindow: boolean;
  /** The list is asked for whole days, weeks or months: windows of these have no need to overlap. */
  readonly isWhole?: boolean;
  /** What windows are counted to (ms). The last has no end, so this clock may be wrong. */
  readonly until: number;
}

/** What a sync's slices are in a read. Pure: a resumed read gets the same. */
export function planSlices(rule: SliceRule, input: SlicePlanInput): SlicePlan {
  switch (rule.by) {
    case 'window':
      return planWindows(rule, input);
    case 'ids':
      return planRanges(rule);
    case 'list':
      return planValues(rule);
  }
}

/** Windows of equal length, or of the calendar. APIs differ in whether a bound is included: each begins a step before the one before has ended. */
function planWindows(rule: Extract<SliceRule, { by: 'window' }>, { windowFrom, isOfWindow, isWhole, until }: SlicePlanInput): SlicePlan {
  const first = isOfWindow ? windowFrom : undefined;
  const written = first ?? rule.from;
  const pattern = String(written);
  const startMs = cursorInstant(pattern);
  const whole: Slice = first === undefined ? {} : { from: first };
  const edge = startMs === undefined ? undefined : edgesOf(rule.size, startMs);
  if (edge === undefined) return { count: 1, slice: () => whole, rest: () => whole, belonging: () => 'own' };
  const stepMs = isWhole === true && calendarUnit(rule.size) !== undefined ? 0 : cursorStepMs(pattern);
  let count = 1;
  while (edge(count) < until) count += 1;
  const bound = (ms: number): string | number => (typeof written === 'number' ? Number(atCursorInstant(pattern, ms)) : atCursorInstant(pattern, ms));
  const rest = (index: number): Slice => (index === 0 ? whole : { from: bound(edge(index) - stepMs) });
  return {
    count,
    rest,
    slice: (index) => (index === count - 1 ? rest(index) : { ...rest(index), to: bound(edge(index + 1)) }),
    belonging: (slice, at) => belongingTo(cursorInstant(at), { edge, count, tolerance: STRAY_MS }, slice),
  };
}

/** Where each window begins (ms); undefined where they have no length. */
function edgesOf(size: string, startMs: number): ((index: number) => number) | undefined {
  const unit = calendarUnit(size);
  if (unit !== undefined) return (index) => (index === 0 ? startMs : beginningOf(unit, startMs, index));
  const sizeMs = parseDuration(size) ?? 0;
  return sizeMs <= 0 ? undefined : (index) => startMs + index * sizeMs;
}

/** Ranges of whole numbers; each begins with the last number of the one before, which APIs may leave out of either. */
function planRanges({ from, to, size }: Extract<SliceRule, { by: 'ids' }>): SlicePlan {
  const count = to === undefined ? undefined : Math.max(1, Math.ceil((to - from) / size));
  const rest = (index: number): Slice => (index === 0 ? {} : { from: from + index * size - 1 });
  return {
    count,
    rest,
    slice: (index) => (count !== undefined && index >= count - 1 ? rest(index) : { ...rest(index), to: from + (index + 1) * size }),
    belonging: (slice, at) => belongingTo(/^-?\d+$/.test(at) ? Number(at) : undefined, { edge: (index) => from + index * size, count, tolerance: 1 }, slice),
  };
}

function planValues({ values }: Extract<SliceRule, { by: 'list' }>): SlicePlan {
  const ofIndex = (index: number): Slice => ofValue(values[index]);
  return { count: values.length, slice: ofIndex, rest: ofIndex, belonging: () => 'own' };
}

function belongingTo(
  at: number | undefined,
  axis: { readonly edge: (index: number) => number; readonly count: number | undefined; readonly tolerance: number },
  { index, isRest }: OpenSlice,
): Belonging | undefined {
  if (at === undefined) return undefined;
  const { edge, count, tolerance } = axis;
  const isLast = isRest === true || (count !== undefined && index >= count - 1);
  const from = index === 0 ? -Infinity : edge(index);
  const to = isLast ? Infinity : edge(index + 1);
  if (at >= from && at < to) return 'own';
  return at >= from - tolerance && at <= to + tolerance ? 'neighbour' : 'stray';
}

function ofValue(value: string | number | boolean | undefined): Slice {
  return value === undefined ? {} : { value };
}

/** A slice that is being read. */
export interface OpenSlice {
  readonly index: number;
  /** Where its next page begins; absent: at its first. */
  readonly cursor?: Json | undefined;
  /** It has no end: what is left after empty slices. */
  readonly isRest?: boolean | undefined;
}

/** How far a sliced read is: JSON, small, kept with each page. */
export interface SliceProgress {
  /** The `until` of its plan. */
  readonly until: number;
  /** The first slice not begun. */
  readonly next: number;
  readonly open: readonly OpenSlice[];
  /** The last slice in which a record was found; -1 at first. */
  readonly found: number;
  /** The last one is begun: nothing follows. */
  readonly isLastBegun: boolean;
}

/** Where a sliced read begins. */
export function beginSlices(plan: SlicePlan, parallel: number, until: number): SliceProgress {
  return openSlices(plan, parallel, { until, next: 0, open: [], found: -1, isLastBegun: false });
}

/**
 * The progress after a page of an open slice: `open` is empty after the last page of all.
 * @param page.next where the slice goes on; undefined after its last page
 */
export function afterSlicePage(
  plan: SlicePlan,
  parallel: number,
  progress: SliceProgress,
  page: { readonly index: number; readonly records: number; readonly next: Json | undefined },
): SliceProgress {
  const open = progress.open.flatMap((slice) => {
    if (slice.index !== page.index) return [slice];
    return page.next === undefined ? [] : [{ ...slice, cursor: page.next }];
  });
  return openSlices(plan, parallel, { ...progress, open, found: page.records > 0 ? Math.max(progress.found, page.index) : progress.found });
}

/**
 * Begins slices as far as they may be read side by side. Where their number is not known, as many empty ones in a row as may be read at once end the counting: what
 * is left is read as one, so that a gap in the numbers loses nothing.
 */
function openSlices(plan: SlicePlan, parallel: number, progress: SliceProgress): SliceProgress {
  if (progress.isLastBegun) return progress;
  const end = plan.count ?? progress.found + 1 + Math.max(2, parallel);
  const open: OpenSlice[] = [...progress.open];
  let { next } = progress;
  while (open.length < parallel && next < end) open.push({ index: next++ });
  if (plan.count !== undefined) return { ...progress, open, next, isLastBegun: next >= plan.count };
  return open.length > 0 ? { ...progress, open, next } : { ...progress, open: [{ index: next, isRest: true }], next: next + 1, isLastBegun: true };
}
