import type { JsonObject } from './json.ts';

/** Every failure Syncline can report. Each has a heading in docs/errors.md. */
export const ERROR_CODES = [
  'DEFINITION_INVALID',
  'DEFINITION_STALE',
  'SECRET_MISSING',
  'CREDENTIALS_REJECTED',
  'REQUEST_REJECTED',
  'RATE_LIMITED',
  'QUOTA_SPENT',
  'JOB_RUNNING',
  'SYSTEM_UNAVAILABLE',
  'CONTRACT_BROKEN',
  'CURSOR_EXPIRED',
  'WRITE_OUTCOME_UNKNOWN',
  'DELETE_GUARD',
  'SCHEMA_DRIFT',
  'STORE_UNAVAILABLE',
  'CLAIM_LOST',
  'RUN_CONFLICT',
  'INTERNAL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Whether trying again can help: never, after the usual growing pause, or after the wait that the API asked for. */
export type RetryClass = 'never' | 'backoff' | { readonly afterMs: number };

export interface SyncErrorOptions {
  readonly code: ErrorCode;
  /** One sentence for a person: what happened, where, and what to do next. Never a secret or a record value. */
  readonly message: string;
  readonly retry: RetryClass;
  /** Plain JSON; may name connections, objects, statuses; never secrets. Stays out of Temporal history unless marked safe by its caller. */
  readonly details?: JsonObject;
  readonly cause?: unknown;
}

/** The root of every failure that Syncline raises on purpose. */
export class SyncError extends Error {
  readonly code: ErrorCode;
  readonly retry: RetryClass;
  readonly details: JsonObject;

  constructor(options: SyncErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SyncError';
    this.code = options.code;
    this.retry = options.retry;
    this.details = options.details ?? {};
  }
}

/** Why a record was not sent or not accepted. A value, never thrown: one bad record does not stop the others. */
export interface Rejection {
  /** Stable, kebab-case, groups alike rejections: `required-missing`, `invalid-email`, `lookup-missing`, `api-rejected`, … */
  readonly reason: string;
  /** A sentence; the API's own words where the API refused. `sensitive` values appear as `•••`. */
  readonly message: string;
  /** The target field concerned, if one is. */
  readonly field?: string;
  /** The API's own error code or category, if it gave one. */
  readonly apiCode?: string;
  /** `later`: may pass unchanged on another day (a 409, a lock); `never`: passes only when record or definition changes. */
  readonly retry: 'never' | 'later';
}
