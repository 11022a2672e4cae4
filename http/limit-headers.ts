import type { HttpClientOptions } from './http-client.ts';

/** A reset larger than this is a moment, not a number of seconds. */
const EPOCH_SECONDS = 1_000_000_000;

/**
 * How long the limit headers ask to wait: only where nothing remains. The connector's own names first, then `X-RateLimit-*` as most APIs send it,
 * then `RateLimit` (draft-ietf-httpapi-ratelimit-headers: `"default";r=0;t=30`).
 */
export function announcedPauseMs(headers: Readonly<Record<string, string>>, names: HttpClientOptions['limits']['headers'], now: number): number | undefined {
  const remaining = headers[names?.remaining?.toLowerCase() ?? 'x-ratelimit-remaining'];
  const reset = headers[names?.reset?.toLowerCase() ?? 'x-ratelimit-reset'];
  if (remaining !== undefined && Number(remaining) === 0 && reset !== undefined) return resetMs(reset, now);
  const structured = /(?:^|;|,)\s*r=(\d+)(?:.*?;\s*t=(\d+))?/.exec(headers['ratelimit'] ?? '');
  return structured !== null && Number(structured[1]) === 0 && structured[2] !== undefined ? Number(structured[2]) * 1000 : undefined;
}

function resetMs(reset: string, now: number): number | undefined {
  const value = Number(reset);
  if (Number.isNaN(value)) {
    const at = Date.parse(reset);
    return Number.isNaN(at) ? undefined : Math.max(0, at - now);
  }
  if (value < EPOCH_SECONDS) return value * 1000;
  const at = value < EPOCH_SECONDS * 1000 ? value * 1000 : value;
  return Math.max(0, at - now);
}
