import { parseIsoTime } from '../engine/iso-time.ts';

/** Nobody is believed for longer: after a day the API is simply asked again. */
const LONGEST_MS = 86_400_000;
/** A number larger than this is a moment, not a number of seconds. */
const EPOCH_SECONDS = 1_000_000_000;
const NUMBER = /^-?\d+(\.\d+)?$/;
const WEEKDAY = /^(mon|tue|wed|thu|fri|sat|sun)/i;
const ZONED = /(GMT|UTC|Z|[+-]\d{2}:?\d{2})$/i;

/** `Retry-After` in milliseconds from now: seconds or an HTTP date (RFC 9110 section 10.2.3), read by the clock of the answer where it tells one. */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const text = headers['retry-after']?.trim();
  if (text === undefined || text === '') return undefined;
  // It may have come twice.
  const numbers = text.split(',').map((part) => part.trim());
  return numbers.every((part) => NUMBER.test(part)) ? Math.max(...numbers.map((part) => untilReset(part, now))) : untilDate(text, headers, now);
}

/** A reset: seconds from now, an epoch in seconds or milliseconds, or a date. As milliseconds from now; undefined where it is neither. */
export function resetMs(reset: string, headers: Readonly<Record<string, string>>, now: number): number | undefined {
  return NUMBER.test(reset.trim()) ? untilReset(reset, clockOf(headers, now)) : untilDate(reset, headers, now);
}

function untilReset(text: string, now: number): number {
  const value = Number(text);
  if (value < EPOCH_SECONDS) return bounded(Math.ceil(value * 1_000));
  return bounded((value < EPOCH_SECONDS * 1_000 ? value * 1_000 : value) - now);
}

function untilDate(text: string, headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const at = momentOf(text.trim());
  return Number.isNaN(at) ? undefined : bounded(at - clockOf(headers, now));
}

/** ISO 8601, or an HTTP date (RFC 9110 section 5.6.7). A time without a zone is UTC, as is the oldest form of those. */
function momentOf(text: string): number {
  const iso = parseIsoTime(text);
  if (iso !== undefined) return iso.ms;
  if (ZONED.test(text)) return Date.parse(text);
  return WEEKDAY.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
}

/** The two machines' clocks may differ: a date of theirs is compared with their `Date`. */
function clockOf(headers: Readonly<Record<string, string>>, now: number): number {
  const date = Date.parse(headers['date'] ?? '');
  return Number.isNaN(date) ? now : date;
}

function bounded(ms: number): number {
  return Math.min(LONGEST_MS, Math.max(0, ms));
}
