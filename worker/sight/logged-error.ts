import { SyncError } from '../../engine/errors.ts';

/** What an error says, if it is one of ours or the system's; of others where they come from: what they quote may be a value of a record. */
export function loggedError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const isTold = error instanceof SyncError || 'syscall' in error;
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return { type: error.name, code, ...(isTold ? { message: error.message } : {}), stack: frames?.join('\n') };
}
