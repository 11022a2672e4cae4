import { ERROR_CODES, type ErrorCode, type RetryClass, SyncError } from '../../engine/errors.ts';
import type { JsonObject } from '../../engine/json.ts';

/** What the owner of a ledger asks its thread. A call of `withCredentialLock` is told when it has the lock, and gives it back. */
export type Request =
  | { readonly kind: 'call'; readonly id: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly kind: 'unlock'; readonly id: number };

/** What the thread answers: once that it is open, then to each call. */
export type Reply =
  | { readonly kind: 'opened'; readonly methods: readonly string[] }
  | { readonly kind: 'refused'; readonly error: PlainError }
  | { readonly kind: 'locked'; readonly id: number }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: PlainError };

/** An error as it crosses between threads: a class does not. */
export interface PlainError {
  readonly message: string;
  readonly stack?: string | undefined;
  readonly sync?: { readonly code: ErrorCode; readonly retry: RetryClass; readonly details: JsonObject };
}

export function plainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, stack } = error;
  return error instanceof SyncError ? { message, stack, sync: { code: error.code, retry: error.retry, details: error.details } } : { message, stack };
}

export function revivedError({ message, stack, sync }: PlainError): Error {
  const isKnown = sync !== undefined && ERROR_CODES.includes(sync.code);
  const error = isKnown ? new SyncError({ ...sync, message }) : new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
