import type { Rejection } from '../../../engine/errors.ts';
import { SyncError } from '../../../engine/errors.ts';
import { trouble } from '../sql-trouble.ts';
import type { Address } from './address.ts';

/** What the driver throws for what the server says: five characters of SQLSTATE. https://www.postgresql.org/docs/current/errcodes-appendix.html */
export interface ServerError {
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly position?: string;
}

/** Another transaction was in the way, and this one was rolled back: it may pass when it is done again. */
const IN_THE_WAY = /^(?:40001|40P01|55P03|25P03)$/;
/** Of connections; out of resources; cancelled, shutting down, starting up; of the system below. */
const PASSING = /^(?:08|53|57|58)/;
/** About the values of a row, or about what they would break. */
const OF_A_ROW = /^(?:21|22|23|44)/;
/** A row that this one refers to, or collides with, may be another tomorrow. */
const MAY_PASS = new Set(['23503', '23505', '23P01']);
const LONGEST_MESSAGE = 1_000;

export function serverError(error: unknown): ServerError | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string' || !/^[0-9A-Z]{5}$/.test(error.code) || /^E[A-Z]+$/.test(error.code))
    return undefined;
  const { code, message } = error;
  const text = (key: 'detail' | 'position') => {
    const value: unknown = Reflect.get(error, key);
    return typeof value === 'string' && value !== '' ? { [key]: value } : {};
  };
  return { code, message, ...text('detail'), ...text('position') };
}

/** What is wrong with the rows of a batch, in the server's own words; undefined where it is nothing of theirs. */
export function rejectionOf(error: unknown): Rejection | undefined {
  const told = serverError(error);
  if (told === undefined || !OF_A_ROW.test(told.code)) return undefined;
  const words = told.detail === undefined ? told.message : `${told.message}: ${told.detail}`;
  const message = words.length > LONGEST_MESSAGE ? `${words.slice(0, LONGEST_MESSAGE - 1)}…` : words;
  return { reason: 'api-rejected', message, apiCode: told.code, retry: MAY_PASS.has(told.code) ? 'later' : 'never' };
}

/** The server says that its connection can be used no more, or the connection itself broke. */
export function isLost(error: unknown): boolean {
  if (error instanceof SyncError) return false;
  const told = serverError(error);
  return told === undefined || /^(?:08|57P|25P03)/.test(told.code);
}

/** One sentence, with the next step. Values of rows that the server names are not in it. */
export function explained(error: unknown, { shown, user, database }: Address, connection: string, where: string, requestMs: number): unknown {
  if (error instanceof SyncError) return error;
  const told = serverError(error);
  if (told === undefined) return isOfNetwork(error) ? unreachable(error, connection, shown) : error;
  const { code, message } = told;
  const at = `${connection} at ${shown}`;
  if (code === '28P01' || code === '28000') {
    return trouble(
      'CREDENTIALS_REJECTED',
      'never',
      `${at} refuses the user "${user}". Check user and password in the secret that \`database\` names, and what pg_hba.conf allows.`,
    );
  }
  if (code === '42501')
    return trouble(
      'CREDENTIALS_REJECTED',
      'never',
      `${at} does not let the user "${user}" do this: ${message}. Grant it, for example GRANT SELECT ON … TO ${user}.`,
    );
  if (code === '3D000')
    return trouble('DEFINITION_INVALID', 'never', `${at}: there is no database "${database}". Name another one in the secret that \`database\` names.`);
  if (code === '25006')
    return trouble(
      'DEFINITION_INVALID',
      'never',
      `${where}: ${at} takes no writes here (${message}). A source is read-only; to write, name the primary server.`,
    );
  if (code === '57014') {
    return trouble(
      'SYSTEM_UNAVAILABLE',
      'backoff',
      `${where}: a statement took longer than ${requestMs / 1_000} s and was ended. An index on what it is ordered by helps most; or raise timeouts.request, or lower pageRows.`,
    );
  }
  if (IN_THE_WAY.test(code))
    return trouble('SYSTEM_UNAVAILABLE', 'backoff', `${where}: others were at work on the same rows (${code}); nothing was written. It is tried again.`);
  if (code === '53300')
    return trouble('SYSTEM_UNAVAILABLE', 'backoff', `${at} has no connection free. Lower limits.concurrency, or raise its max_connections.`);
  if (PASSING.test(code)) return trouble('SYSTEM_UNAVAILABLE', 'backoff', `${at} cannot be asked just now (${message}). It is tried again.`);
  if (/^(?:42|3F|0A)/.test(code)) {
    const position = told.position === undefined ? '' : ` (character ${told.position} of the statement)`;
    return trouble(
      'DEFINITION_INVALID',
      'never',
      `${where}: PostgreSQL does not understand what it is asked: ${message}${position}. Correct the object in the connection.`,
    );
  }
  return trouble(
    'REQUEST_REJECTED',
    'never',
    `${where}: PostgreSQL refused it (${code}): ${withoutValues(message)}. Correct the object in the connection, or the rows it reads.`,
  );
}

/** No answer at all: nothing that a repetition would double. */
function unreachable(error: unknown, connection: string, shown: string): SyncError {
  const reason = reasonOf(error);
  if (/certificate|self.signed|altnames|does not support SSL|TLS|SSL/i.test(reason)) {
    const next = 'Where its certificate cannot be verified, add ?sslmode=no-verify to the URL; where the network is your own, ?sslmode=disable.';
    return trouble('SYSTEM_UNAVAILABLE', 'backoff', `${connection} at ${shown} has no TLS that can be trusted (${reason}). ${next}`);
  }
  const hint = reason.includes('ECONNREFUSED') ? ' Is it running?' : reason.includes('ENOTFOUND') ? ' Is the host right?' : '';
  return trouble('SYSTEM_UNAVAILABLE', 'backoff', `${connection} is unreachable at ${shown}: ${reason}.${hint} Syncline tries again.`);
}

/** A host of several addresses fails with an error for each. The driver's texts hold no secret, but may be long. */
function reasonOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message.slice(0, 200) : 'no reason was given';
}

/** `invalid input syntax for type integer: "abc"` */
function withoutValues(message: string): string {
  return message.replaceAll(/"[^"]*"/g, '"…"');
}

/** The driver's own errors have no code: the connection ended, or nothing came in time. */
function isOfNetwork(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error instanceof AggregateError || 'code' in error || /connection|timeout|terminated|not queryable|SSL|password must be a string/i.test(error.message);
}
