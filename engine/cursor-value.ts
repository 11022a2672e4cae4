import type { IsoTime } from './iso-time.ts';
import { parseIsoTime } from './iso-time.ts';
import type { Json } from './json.ts';

/** The value of an incremental field, understood as far as it can be. */
type CursorValue =
  | { readonly kind: 'time'; readonly text: string; readonly time: IsoTime }
  | { readonly kind: 'integer'; readonly text: string; readonly value: bigint }
  | { readonly kind: 'text'; readonly text: string };

/** Epoch seconds lie between these until the year 5138, epoch milliseconds since 1973 above; smaller numbers count something else (versions, ids). */
const LEAST_EPOCH_SECONDS = 100_000_000n;
const LEAST_EPOCH_MS = 100_000_000_000n;

/** The value of an incremental field as the ledger keeps it; undefined where the record has none. */
export function cursorText(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  return typeof value === 'number' ? String(value) : undefined;
}

/** Orders two values of the same incremental field: times by instant, whole numbers by size, anything else as text. Negative where `left` is earlier. */
export function compareCursorValues(left: string, right: string): number {
  const [a, b] = [parse(left), parse(right)];
  if (a.kind === 'time' && b.kind === 'time') return a.time.ms - b.time.ms || a.time.nanos - b.time.nanos;
  if (a.kind === 'integer' && b.kind === 'integer') return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The later of two values of an incremental field. */
export function laterCursorValue(left: string | undefined, right: string | undefined): string | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return compareCursorValues(left, right) >= 0 ? left : right;
}

/** Whether two values of an incremental field can be compared: the field kept its kind. */
export function isSameKind(left: string, right: string): boolean {
  return parse(left).kind === parse(right).kind;
}

/** The instant that a value names, in ms; undefined where it is no time. */
export function cursorInstant(text: string): number | undefined {
  const value = parse(text);
  if (value.kind === 'time') return value.time.ms;
  if (value.kind !== 'integer' || value.value < LEAST_EPOCH_SECONDS) return undefined;
  return Number(value.value) * (value.value >= LEAST_EPOCH_MS ? 1 : 1_000);
}

/** An instant, never a later one, written like a value that names one. */
export function atCursorInstant(like: string, ms: number): string {
  const value = parse(like);
  if (value.kind === 'time') return formatLike(value.time, ms);
  return value.kind === 'integer' && value.value < LEAST_EPOCH_MS ? String(Math.floor(ms / 1_000)) : String(Math.floor(ms));
}

/** How far apart two values are at least that are written differently, as a time like this one is written, in ms. */
export function cursorStepMs(like: string): number {
  const value = parse(like);
  if (value.kind === 'time') return value.time.hasTime ? (value.time.fractionDigits > 0 ? 1 : 1_000) : 86_400_000;
  return value.kind === 'integer' && value.value < LEAST_EPOCH_MS ? 1_000 : 1;
}

/** The value right before one, as far as it can be told: numbers and times; text stays as it is. */
export function justBefore(text: string): string {
  const value = parse(text);
  if (value.kind === 'integer') return String(value.value - 1n);
  return value.kind === 'time' ? formatLike(value.time, value.time.ms - cursorStepMs(text)) : text;
}

/** A value so many milliseconds earlier, written in the same way; numbers that are no epoch times, and text, stay as they are. */
export function earlierCursorValue(text: string, byMs: number): string {
  const value = parse(text);
  if (byMs <= 0) return text;
  if (value.kind === 'time') return formatLike(value.time, value.time.ms - byMs);
  if (value.kind === 'integer' && value.value >= LEAST_EPOCH_MS) return String(value.value - BigInt(Math.ceil(byMs)));
  if (value.kind === 'integer' && value.value >= LEAST_EPOCH_SECONDS) return String(value.value - BigInt(Math.ceil(byMs / 1_000)));
  return text;
}

/** The smaller of a value and an instant, written like the value. What is no time is kept. */
export function notAfter(text: string, instantMs: number): string {
  const value = parse(text);
  if (value.kind === 'time') return value.time.ms > instantMs ? formatLike(value.time, instantMs) : text;
  if (value.kind === 'integer' && value.value >= LEAST_EPOCH_MS) return value.value > BigInt(Math.floor(instantMs)) ? String(Math.floor(instantMs)) : text;
  const instantSeconds = Math.floor(instantMs / 1_000);
  if (value.kind === 'integer' && value.value >= LEAST_EPOCH_SECONDS) return value.value > BigInt(instantSeconds) ? String(instantSeconds) : text;
  return text;
}

function parse(text: string): CursorValue {
  if (/^-?\d{1,30}$/.test(text)) return { kind: 'integer', text, value: BigInt(text) };
  const time = parseIsoTime(text);
  return time === undefined ? { kind: 'text', text } : { kind: 'time', text, time };
}

/** In UTC, never later than `ms`, with as much of the clock as the original shows. */
function formatLike(original: IsoTime, ms: number): string {
  const iso = new Date(Math.floor(ms)).toISOString();
  if (!original.hasTime) return iso.slice(0, 10);
  const clock = original.fractionDigits > 0 ? iso.slice(11, 23) : iso.slice(11, 19);
  return `${iso.slice(0, 10)}${original.separator}${clock}${original.hasZone ? 'Z' : ''}`;
}
