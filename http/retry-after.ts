/** Nobody is believed for longer: after a day the API is simply asked again. */
const LONGEST_MS = 86_400_000;
/** A number larger than this is a moment, not a number of seconds. */
const EPOCH_SECONDS = 1_000_000_000;

/** `Retry-After` in milliseconds from now: seconds or an HTTP date (RFC 9110 section 10.2.3), read by the clock of the answer where it tells one. */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const text = headers['retry-after']?.trim();
  if (text === undefined || text === '') return undefined;
  return /^\d+(\.\d+)?$/.test(text) ? untilReset(text, now) : untilDate(text, headers, now);
}

/** A reset: seconds from now, an epoch in seconds or milliseconds, or a date. As milliseconds from now; undefined where it is neither. */
export function resetMs(reset: string, headers: Readonly<Record<string, string>>, now: number): number | undefined {
  return /^-?\d+(\.\d+)?$/.test(reset.trim()) ? untilReset(reset, clockOf(headers, now)) : untilDate(reset, headers, now);
}

function untilReset(text: string, now: number): number {
  const value = Number(text);
  if (value < EPOCH_SECONDS) return bounded(Math.ceil(value * 1_000));
  return bounded((value < EPOCH_SECONDS * 1_000 ? value * 1_000 : value) - now);
}

function untilDate(text: string, headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : bounded(at - clockOf(headers, now));
}

/** The two machines' clocks may differ: a date of theirs is compared with their `Date`. */
function clockOf(headers: Readonly<Record<string, string>>, now: number): number {
  const date = Date.parse(headers['date'] ?? '');
  return Number.isNaN(date) ? now : date;
}

function bounded(ms: number): number {
  return Math.min(LONGEST_MS, Math.max(0, ms));
}
