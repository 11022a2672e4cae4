import { type Rejection, SyncError } from '../../../engine/errors.ts';
import { trouble } from '../sql-trouble.ts';

/** https://www.sqlite.org/rescode.html: the low byte is the kind. */
const [BUSY, LOCKED, READONLY, CORRUPT, FULL, CANTOPEN, TOOBIG, CONSTRAINT, MISMATCH, NOTADB] = [5, 6, 8, 11, 13, 14, 18, 19, 20, 26];
const [UNIQUE, PRIMARYKEY, FOREIGNKEY] = [2067, 1555, 787];

interface SqliteError {
  readonly number: number;
  readonly message: string;
}

function sqliteError(error: unknown): SqliteError | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return { number: error.errcode, message: error.message };
}

/** Another connection has the database for itself at the moment. */
export function isBusy(error: unknown): boolean {
  const kind = (sqliteError(error)?.number ?? 0) & 0xff;
  return kind === BUSY || kind === LOCKED;
}

/** What is wrong with a row, in SQLite's own words; undefined where it is nothing of its own. */
export function rejectionOf(error: unknown): Rejection | undefined {
  const told = sqliteError(error);
  const kind = (told?.number ?? 0) & 0xff;
  if (told === undefined || (kind !== CONSTRAINT && kind !== MISMATCH && kind !== TOOBIG)) return undefined;
  const mayPass = told.number === UNIQUE || told.number === PRIMARYKEY || told.number === FOREIGNKEY;
  return { reason: 'api-rejected', message: told.message, apiCode: `SQLITE_${told.number}`, retry: mayPass ? 'later' : 'never' };
}

/** One sentence, with the next step. */
export function explained(error: unknown, path: string, connection: string, where: string): unknown {
  const told = sqliteError(error);
  if (error instanceof SyncError || told === undefined) return error;
  const at = `${connection} at ${path}`;
  switch (told.number & 0xff) {
    case BUSY:
    case LOCKED:
      return trouble('SYSTEM_UNAVAILABLE', 'backoff', `${at} is held by another program; nothing was written. It is tried again.`);
    case READONLY:
      return trouble(
        'DEFINITION_INVALID',
        'never',
        `${where}: ${at} takes no writes here. A source is read-only; to write, its file and folder must be this user's to change.`,
      );
    case CANTOPEN:
      return trouble('SYSTEM_UNAVAILABLE', 'backoff', `${at} cannot be opened. Is the file there, and this user's to read?`);
    case CORRUPT:
    case NOTADB:
      return trouble('DEFINITION_INVALID', 'never', `${at} is no SQLite database, or a damaged one. Name another file in \`database\`.`);
    case FULL:
      return trouble('SYSTEM_UNAVAILABLE', 'backoff', `${at}: the disk is full. It is tried again.`);
    case 1:
      return trouble(
        'DEFINITION_INVALID',
        'never',
        `${where}: SQLite does not understand what it is asked: ${told.message}. Correct the object in the connection.`,
      );
    default:
      return trouble('SYSTEM_UNAVAILABLE', 'backoff', `${at} cannot be used just now (${told.number}). It is tried again.`);
  }
}
