export interface RequestRetryOptions {
  /** Failures so far, at least 1. */
  readonly failures: number;
  /** A function like `Math.random`. */
  readonly random: () => number;
  /** No pause is shorter. @default 50 */
  readonly minMs?: number;
  /** The longest first pause; doubles with each failure. @default 200 */
  readonly firstMs?: number;
  /** No pause is longer. @default 5000 */
  readonly capMs?: number;
}

/**
 * The pause before a request is repeated, in milliseconds: anywhere between the least and a ceiling that doubles (full jitter, so that clients that
 * failed together do not come
 * back together). The first one is soon: a second of pause after each random 500 would cost more than the 500s do.
 */
export function requestRetryDelay({ failures, random, minMs = 50, firstMs = 200, capMs = 5_000 }: RequestRetryOptions): number {
  const ceiling = Math.max(minMs, Math.min(capMs, firstMs * 2 ** Math.min(failures - 1, 30)));
  return Math.round(minMs + random() * (ceiling - minMs));
}

const ACTIVITY_FIRST_MS = 1_000;
const ACTIVITY_CAP_MS = 60_000;

/**
 * The pause before a failed activity is tried again, in milliseconds: 1 s, 2 s, 4 s … 60 s.
 * @param failures so far, at least 1
 * @param random a function like `Math.random`: spreads the pause over its upper half; absent: the whole pause
 */
export function activityRetryDelay(failures: number, random?: () => number): number {
  const ceiling = Math.min(ACTIVITY_CAP_MS, ACTIVITY_FIRST_MS * 2 ** Math.min(Math.max(failures, 1) - 1, 30));
  return random === undefined ? ceiling : Math.round(ceiling / 2 + (random() * ceiling) / 2);
}

/** When what was refused, and may pass, is tried again: `retry` of a sync. */
export interface RetryPolicy {
  /** The pause after the first refusal, the second, …; the last one stays. Milliseconds. */
  readonly afterMs: readonly number[];
  /** From the first refusal on; later it is tried only when the record or the mapping changes, or a person asks. */
  readonly untilMs: number;
}

/**
 * When a refused record is tried again at the earliest.
 * @param refusals of the same content so far, at least 1
 * @returns undefined where it has been tried for long enough
 */
export function nextRetryAt(refused: { readonly refusals: number; readonly firstAt: number; readonly at: number }, policy: RetryPolicy): number | undefined {
  const { refusals, firstAt, at } = refused;
  const pauseMs = policy.afterMs[Math.min(refusals, policy.afterMs.length) - 1];
  if (pauseMs === undefined || at - firstAt >= policy.untilMs) return undefined;
  return at + pauseMs;
}
