import { type ErrorCode, type RetryClass, SyncError } from '../../engine/errors.ts';

/** What went wrong with a database, as one sentence with the next step. Never its own error: drivers put statements and rows on theirs. */
export function trouble(code: ErrorCode, retry: RetryClass, message: string): SyncError {
  return new SyncError({ code, retry, message });
}

export function invalid(message: string): SyncError {
  return trouble('DEFINITION_INVALID', 'never', message);
}
