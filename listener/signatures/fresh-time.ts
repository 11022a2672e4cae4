const UNIT_MS = { s: 1_000, ms: 1 } as const;

/** The time of a signature where it is one, and not further from now than it may be: neither old nor of the future. @param text whole seconds or milliseconds since 1970 */
export function isFresh(text: string | undefined, unit: 's' | 'ms', receivedAt: number, maxAgeMs: number): text is string {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return false;
  return Math.abs(receivedAt - Number(text) * UNIT_MS[unit]) <= maxAgeMs;
}
