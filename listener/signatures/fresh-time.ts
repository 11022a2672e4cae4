import { parseIsoTime } from '../../engine/iso-time.ts';

const UNIT_MS = { s: 1_000, ms: 1 } as const;

/**
 * The time of a signature where it is one, and not further from now than it may be: neither old nor of the future.
 * @param text whole seconds or milliseconds since 1970, or an ISO time
 */
export function isFresh(text: string | undefined, unit: 's' | 'ms' | 'iso', receivedAt: number, maxAgeMs: number): text is string {
  const at = text === undefined ? undefined : timeOf(text, unit);
  return at !== undefined && Math.abs(receivedAt - at) <= maxAgeMs;
}

function timeOf(text: string, unit: 's' | 'ms' | 'iso'): number | undefined {
  if (unit === 'iso') return parseIsoTime(text)?.ms;
  return /^\d{1,16}$/.test(text) ? Number(text) * UNIT_MS[unit] : undefined;
}
