import { compareCursorValues, cursorInstant, earlierCursorValue, followingCursorValue, isPlace, justBefore, notAfter } from './cursor-value.ts';

export interface WindowInput {
  /** Value of the incremental field up to which all is settled; absent before the first completed run. */
  readonly watermark: string | undefined;
  /** How far before the watermark is read again, for records that appear late. */
  readonly lookbackMs: number;
  /** Absent: full reads only where there is no watermark. */
  readonly fullReadEveryMs?: number | undefined;
  readonly lastFullReadAt?: number | undefined;
  readonly now: number;
  /** How long the source keeps what changed; absent: as long as it takes. */
  readonly keptMs?: number | undefined;
  /** How long the source tells of what was deleted; absent: as long as it takes. */
  readonly keptDeletesMs?: number | undefined;
  /** When the last window was read, changes or none; absent before the first. */
  readonly lastReadAt?: number | undefined;
  /** A person asked for everything. */
  readonly forceFull: boolean;
}

export interface WindowDecision {
  /** Absent: everything. */
  readonly from?: string;
  readonly isFull: boolean;
  /** Everything is read, as the source keeps changes or deletes for a shorter time than it was not read. */
  readonly isForgotten?: true;
}

/**
 * From where a run reads: the watermark less the lookback, or everything where that is due or was asked for. There is no end: a run reads to the present.
 */
export function readWindow(input: WindowInput): WindowDecision {
  const { watermark, lookbackMs, fullReadEveryMs, lastFullReadAt, keptMs, keptDeletesMs, lastReadAt, now, forceFull } = input;
  const isFullDue = fullReadEveryMs !== undefined && (lastFullReadAt === undefined || now - lastFullReadAt >= fullReadEveryMs);
  if (forceFull || watermark === undefined || !isPlace(watermark) || isFullDue) return { isFull: true };
  const from = safeStart(watermark, lookbackMs);
  const since = cursorInstant(from);
  const isOlder = (at: number | undefined, ms: number | undefined) => at !== undefined && ms !== undefined && at < now - ms;
  const isForgotten = isOlder(since, keptMs) || isOlder(lastReadAt, keptDeletesMs);
  return isForgotten ? { isFull: true, isForgotten } : { from, isFull: false };
}

/** From where records are read again that came no earlier than `value`: before it, as an API may leave out what is equal to the bound it is given. */
export function safeStart(value: string, lookbackMs: number): string {
  const earlier = earlierCursorValue(value, lookbackMs);
  return compareCursorValues(earlier, value) < 0 ? earlier : justBefore(value);
}

export interface WatermarkInput {
  /** The largest value of the incremental field that the run read; absent where it read none. */
  readonly maxCursorValue: string | undefined;
  /** When the read began by the source's clock (ms); absent where the source tells no time. */
  readonly readStartedServerTime: number | undefined;
  readonly previous: string | undefined;
}

/**
 * The watermark after a run whose whole window is read and settled: the smaller of the largest value seen and the start of the read (a record changed
 * during the read may have been passed by). Never moves backwards, but begins anew where the field was changed to another kind (a time for a version number): the old value says
 * nothing about the new. A text after times or numbers is no such change, but an odd value.
 * @returns undefined where there was none and nothing was read
 */
export function nextWatermark({ maxCursorValue, readStartedServerTime, previous }: WatermarkInput): string | undefined {
  if (maxCursorValue === undefined) return previous;
  const candidate = readStartedServerTime === undefined ? maxCursorValue : notAfter(maxCursorValue, readStartedServerTime);
  return followingCursorValue(previous, candidate);
}
