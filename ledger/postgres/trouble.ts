import { SyncError } from '../../engine/errors.ts';
import type { ServerAddress } from './server-address.ts';
import { Outdated } from './session.ts';

/** Another transaction was in the way, and this one was rolled back: serialization_failure, deadlock_detected. */
const IN_THE_WAY = new Set(['40001', '40P01']);
const UNIQUE_VIOLATION = '23505';
/** lock_not_available (lock_timeout), too_many_connections, and all of class 57: cancelled, shutting down, starting up. */
const BUSY = /^(?:55P03|53|57|25P03)/;
const SYSTEM_ERROR = /^E[A-Z]+$/;

/** Whether the same transaction may succeed when it is done again at once. */
export function isWorthAnother(error: unknown): boolean {
  if (error instanceof Outdated) return true;
  if (!isDatabaseError(error)) return false;
  // Another process has a target record of this batch in flight since it was looked at.
  return IN_THE_WAY.has(error.code) || (error.code === UNIQUE_VIOLATION && (error.constraint?.startsWith('in_flight_') ?? false));
}

/** Whether the connection can be used no more, or nobody knows what it is in the midst of. */
export function isConnectionLost(error: unknown): boolean {
  return !(error instanceof SyncError || error instanceof Outdated) && (!isDatabaseError(error) || /^(?:08|57|25P03)/.test(error.code));
}

/** What went wrong with the server, as one sentence with the next step. The text of the server is told where it cannot have a value in it. */
export function told(address: ServerAddress, error: unknown): unknown {
  if (error instanceof SyncError) return error;
  if (error instanceof Outdated) return trouble(address, 'is busy with other work on the same records', 'It is tried again.', 'backoff', error);
  if (!isDatabaseError(error)) return error instanceof Error && isOfNetwork(error) ? unreachable(address, error) : error;
  const { host, user, database } = address;
  const { code } = error;
  if (code === '28P01' || code === '28000')
    return trouble(address, `refuses the user "${user}"`, 'Check the user and the password in the URL of the ledger.', 'never', error);
  if (code === '3D000')
    return trouble(address, `has no database "${database}"`, `Make it (createdb -h ${host.split(':')[0]} ${database}), or name another one.`, 'never', error);
  if (code === '42501')
    return trouble(
      address,
      `does not let the user "${user}" do what the ledger needs`,
      `Make it the owner of the database: ALTER DATABASE ${database} OWNER TO ${user}.`,
      'never',
      error,
    );
  if (code === '53300') return trouble(address, 'has no connection free', 'Raise its max_connections, or run fewer workers.', 'backoff', error);
  if (code.startsWith('53')) return trouble(address, `has run out of something (${error.message})`, 'Check its disk and its memory.', 'backoff', error);
  if (code === '25006') return trouble(address, 'takes no writes', 'Name the primary server, not a replica.', 'backoff', error);
  if (BUSY.test(code) || code.startsWith('08') || code.startsWith('58') || IN_THE_WAY.has(code))
    return trouble(address, `is busy, or on its way up or down (${error.message})`, 'It is tried again.', 'backoff', error);
  return defect(address, error);
}

export function closed({ host }: ServerAddress): SyncError {
  return new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message: `The ledger at ${host} was closed by this process.` });
}

function unreachable(address: ServerAddress, error: Error): SyncError {
  return trouble(address, `does not answer (${reasonOf(error)})`, 'Check that it runs, and host and port in the URL of the ledger.', 'backoff', error);
}

function trouble({ host }: ServerAddress, what: string, next: string, retry: 'never' | 'backoff', cause: Error): SyncError {
  return new SyncError({ code: 'STORE_UNAVAILABLE', retry, message: `The PostgreSQL of the ledger at ${host} ${what}. ${next}`, cause: without(cause) });
}

/** The code is enough to find a wrong statement; the text of the server may have a record's value in it. */
function defect({ host }: ServerAddress, { code, constraint }: DatabaseError): SyncError {
  const which = constraint === undefined ? code : `${code}, ${constraint}`;
  const message = `The ledger at ${host} refused a statement of Syncline itself (${which}); nothing was changed. This is a defect: please report it.`;
  return new SyncError({ code: 'INTERNAL', retry: 'never', message });
}

type DatabaseError = Error & { readonly code: string; readonly constraint?: string };

/** Of the server, with its five characters of SQLSTATE. */
function isDatabaseError(error: unknown): error is DatabaseError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.length === 5 && !SYSTEM_ERROR.test(error.code);
}

/** The driver's own errors have no code: the connection ended, or nothing came in time. */
function isOfNetwork(error: Error): boolean {
  return error instanceof AggregateError || 'code' in error || /connection|timeout|terminated|not queryable|SSL/i.test(error.message);
}

/** A host of several addresses fails with an error for each. */
function reasonOf(error: Error): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : error.message;
}

/** The driver's errors have statements and details on them. */
function without({ message }: Error): Error {
  return new Error(message);
}
