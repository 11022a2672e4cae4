import type { HttpClientOptions } from './http-client.ts';
import { resetMs } from './retry-after.ts';

type Headers = Readonly<Record<string, string>>;

const REMAINING = ['x-ratelimit-remaining', 'x-rate-limit-remaining', 'ratelimit-remaining'];
const RESET = ['x-ratelimit-reset', 'x-rate-limit-reset', 'ratelimit-reset', 'x-ratelimit-reset-after'];

type Names = HttpClientOptions['limits']['headers'];

/**
 * How long the limit headers ask to wait: only where nothing remains. The connector's own names first, then `X-RateLimit-*` as most APIs send it, then `RateLimit`
 * (draft-ietf-httpapi-ratelimit-headers: `"default";r=0;t=30`, and the older `limit=100, remaining=0, reset=30`).
 */
export function announcedPauseMs(headers: Headers, names: Names, now: number): number | undefined {
  const reset = first(headers, names?.reset === undefined ? RESET : [names.reset.toLowerCase()]);
  if (reset !== undefined && isNoneLeft(headers, names)) return resetMs(reset, headers, now);
  const waits = spentWindows(headers).map((item) => (item['t'] ?? item['reset'] ?? 0) * 1_000);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** Whether the limit headers say that nothing remains. */
export function isSpent(headers: Headers, names: Names): boolean {
  return isNoneLeft(headers, names) || spentWindows(headers).length > 0;
}

function isNoneLeft(headers: Headers, names: Names): boolean {
  const remaining = first(headers, names?.remaining === undefined ? REMAINING : [names.remaining.toLowerCase()])?.trim() ?? '';
  return remaining !== '' && Number(remaining) <= 0;
}

function spentWindows(headers: Headers) {
  return structured(headers['ratelimit']).filter((item) => (item['r'] ?? item['remaining']) === 0);
}

/** The windows that `RateLimit-Policy` declares: `"default";q=100;w=60`, or the older `100;w=60`. */
export function announcedWindows(headers: Headers): readonly { readonly count: number; readonly perMs: number }[] {
  return (headers['ratelimit-policy'] ?? '').split(',').flatMap((text) => {
    const [item] = structured(text);
    const count = item?.['q'] ?? Number(/^\s*(\d+)/.exec(text)?.[1] ?? Number.NaN);
    const seconds = item?.['w'] ?? Number.NaN;
    return count > 0 && seconds > 0 ? [{ count, perMs: seconds * 1_000 }] : [];
  });
}

/** The numbers of each item of a list. In the older form the parts of the one item stand apart by commas. */
function structured(header: string | undefined): readonly Readonly<Record<string, number>>[] {
  const text = header ?? '';
  const items = text.includes('remaining=') ? [text.replaceAll(',', ';')] : text.split(',');
  return items.map((item) => Object.fromEntries([...item.matchAll(/([a-z]+)=(\d+)/gi)].map(([, name, value]) => [(name ?? '').toLowerCase(), Number(value)])));
}

function first(headers: Headers, names: readonly string[]): string | undefined {
  const name = names.find((each) => headers[each] !== undefined);
  return name === undefined ? undefined : headers[name];
}
