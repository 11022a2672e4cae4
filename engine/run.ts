import type { ErrorCode } from './errors.ts';

/** What started a run. */
export const RUN_TRIGGERS = ['manual', 'schedule', 'graph', 'references', 'retry', 'keys', 'limit', 'plan', 'adopt', 'backfill', 'events'] as const;
export type RunTrigger = (typeof RUN_TRIGGERS)[number];

type AsideOption = 'keys' | 'limit' | 'retry' | 'plan' | 'adopt' | 'window' | 'events';

/** Whether a run does less than its sync says: it tells nothing of the records that it does not write, and moves no cursor. */
export function isAside({ keys, limit, retry, plan, adopt, window, events }: Partial<Readonly<Record<AsideOption, unknown>>>): boolean {
  return keys !== undefined || limit !== undefined || retry === true || plan !== undefined || adopt === true || window !== undefined || events === true;
}

/** Where a run stands. `books-open`: it ended, and its sums do not close: a defect, never green. */
export const RUN_STATES = [
  'requested',
  'running',
  'paused',
  'completed',
  'completed-with-rejections',
  'failed',
  'cancelled',
  'abandoned',
  'books-open',
] as const;
export type RunState = (typeof RUN_STATES)[number];

/** Where a running run is: shown to people, upserted as a search attribute. */
export const RUN_PHASES = ['planning', 'lookups', 'syncing', 'sweeping', 'reconciling', 'settling', 'done'] as const;
export type RunPhase = (typeof RUN_PHASES)[number];

/** What a person may change while a run is alive. */
export interface RunControl {
  readonly paused: boolean;
  /** Requests in flight to the target. */
  readonly concurrency?: number;
  /** Records in one write request, at most the API's own limit. */
  readonly batchSize?: number;
  /** To the target. */
  readonly requestsPerSecond?: number;
}

export interface RunFailure {
  readonly code: ErrorCode;
  readonly message: string;
}
