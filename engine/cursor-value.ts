import type { Json } from './json.ts';
import { readTime, type WrittenTime } from './written-time.ts';

/** The value of an incremental field, understood as far as it can be. A number may be a time, too: one since the epoch. */
type CursorValue =
  | { readonly kind: 'time'; readonly time: WrittenTime }
  | { readonly kind: 'number'; readonly whole: bigint; readonly fraction: string; readonly time: WrittenTime | undefined }
  | { readonly kind: 'text'; readonly time?: undefined };

/** In the order of values that are of several. */
const KINDS: readonly CursorValue['kind'][] = ['text', 'number', 'time'];
/** Numbers from here on are written in milliseconds where they are written as a time. */
const LEAST_MS = 100_000_000_000n;

/** The value of an incremental field as the ledger keeps it; undefined where the record has none. */
export function cursorText(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  return typeof value === 'number' ? String(value) : undefined;
}

/** Orders two values of the same incremental field: times by instant, numbers by size, anything else as text; a text is before all numbers, and they are before all times. Negative where `left` is earlier. */
export function compareCursorValues(left: string, right: string): number {
  const [a, b] = [parse(left), parse(right)];
  if (a.kind === 'time' && b.kind === 'time') return compareTimes(a.time, b.time);
  if (a.kind === 'number' && b.kind === 'number') {
    if (a.whole !== b.whole) return a.whole < b.whole ? -1 : 1;
    return a.fraction < b.fraction ? -1 : a.fraction > b.fraction ? 1 : 0;
  }
  if (a.kind !== b.kind) return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Orders two values by the instants that they name, however each is written; undefined where one names none. */
export function compareInstants(left: string, right: string): number | undefined {
  const [a, b] = [parse(left).time, parse(right).time];
  return a === undefined || b === undefined ? undefined : compareTimes(a, b);
}

/**
 * The later of two values of an incremental field. One that tells less of a place in the field's order (`never` among times) is no later than any that tells more; of a time and a
 * number since the epoch the first stays.
 */
export function laterCursorValue(left: string | undefined, right: string | undefined): string | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  const [a, b] = [parse(left), parse(right)];
  const [leftTells, rightTells] = [tells(a, left), tells(b, right)];
  if (leftTells !== rightTells) return leftTells > rightTells ? left : right;
  if (a.time === undefined || b.time === undefined) return compareCursorValues(left, right) >= 0 ? left : right;
  return a.kind !== b.kind || compareTimes(a.time, b.time) >= 0 ? left : right;
}

/** What is to be kept of a field's latest value, and one that a later read found: a field may change its kind, but not to one that tells less than the other did. */
export function followingCursorValue(previous: string | undefined, found: string): string | undefined {
  if (!isPlace(found)) return previous;
  if (previous === undefined) return found;
  const [a, b] = [parse(previous), parse(found)];
  if (a.kind === b.kind) return laterCursorValue(previous, found);
  return b.kind === 'text' ? previous : found;
}

/** Whether a value can be a place in an order; `never`, `N/A` and `infinity` are none. */
export function isPlace(text: string): boolean {
  return /\d/.test(text);
}

/** Whether a value is neither a time nor a number: nothing is known of it but how it compares as text. */
export function isPlainText(text: string): boolean {
  return parse(text).kind === 'text';
}

/** The instant that a value names, in ms; undefined where it is no time. */
export function cursorInstant(text: string): number | undefined {
  return parse(text).time?.ms;
}

/** An instant, never a later one, written like a value that names one; in its zone, or in UTC. */
export function atCursorInstant(like: string, ms: number, zone?: 'utc'): string {
  const value = parse(like);
  if (value.time !== undefined) return value.time.write(ms, zone);
  return String(Math.floor(value.kind === 'number' && value.whole < LEAST_MS ? ms / 1_000 : ms));
}

/** How far apart two values are at least that are written differently, as a time like this one is written, in ms. */
export function cursorStepMs(like: string): number {
  const value = parse(like);
  if (value.time !== undefined) return value.time.stepMs;
  return value.kind === 'number' && value.whole < LEAST_MS ? 1_000 : 1;
}

/** The value right before one, as far as it can be told: numbers and times; text stays as it is. */
export function justBefore(text: string): string {
  const value = parse(text);
  if (value.kind === 'number' && !text.includes('.')) return String(value.whole - 1n);
  if (value.time !== undefined) return value.time.write(value.time.ms - value.time.stepMs);
  return value.kind === 'number' ? String(value.fraction === '' ? value.whole - 1n : value.whole) : text;
}

/** A value so many milliseconds earlier, written in the same way; numbers that are no epoch times, and text, stay as they are. */
export function earlierCursorValue(text: string, byMs: number): string {
  const { time } = parse(text);
  return byMs <= 0 || time === undefined ? text : time.write(time.ms - byMs);
}

/** The smaller of a value and an instant, written like the value. What is no time is kept. */
export function notAfter(text: string, instantMs: number): string {
  const { time } = parse(text);
  return time !== undefined && time.ms > instantMs ? time.write(instantMs) : text;
}

function parse(text: string): CursorValue {
  const time = readTime(text);
  const number = /^(?:(-?\d{1,30})|(\d{1,30})\.(\d{1,30}))$/.exec(text);
  if (number !== null) {
    const [, integer, whole = '0', fraction = ''] = number;
    return { kind: 'number', whole: BigInt(integer ?? whole), fraction: fraction.replace(/0+$/, ''), time };
  }
  return time === undefined ? { kind: 'text' } : { kind: 'time', time };
}

function compareTimes(left: WrittenTime, right: WrittenTime): number {
  return left.ms - right.ms || left.nanos - right.nanos;
}

function tells(value: CursorValue, text: string): number {
  if (value.time !== undefined) return 3;
  return value.kind === 'number' ? 2 : isPlace(text) ? 1 : 0;
}
