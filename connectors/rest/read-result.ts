import type { WriteEndpoint } from '../../definition/schema/connector.ts';
import { assertNever } from '../../engine/assert-never.ts';
import type { Rejection } from '../../engine/errors.ts';
import { compileExpression, type Expression } from '../../engine/expression.ts';
import type { Json } from '../../engine/json.ts';
import { type MaybePromise, whenAllKnown, whenKnown } from '../../engine/maybe-promise.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { isTruthy } from '../../engine/truthy.ts';
import type { WriteResult } from '../ports.ts';
import { keyText } from './record-reader.ts';

/** Reads what one entry of an answer says of its record. */
export type ReadResult = (entry: Json) => MaybePromise<WriteResult>;

const LONGEST_MESSAGE = 1_000;
const STATUS_LINE = /^\s*(?:HTTP\/[\d.]+\s+)?(\d{3})(?!\S)/i;
/** Statuses of single records that ask to come back: locked, too many, not now. */
const AGAIN = new Set([423, 429, 503]);

/** Of a list of results: written, unless it has an error or the status of one. */
export function compileResult(rule: Omit<NonNullable<WriteEndpoint['results']>, 'headers' | 'body'>, kind: ChangeKind): ReadResult {
  const id = compileOptional(rule.id);
  const error = compileOptional(rule.error);
  const errorCode = compileOptional(rule.errorCode);
  const created = compileOptional(rule.created);
  const status = compileOptional(rule.status);
  const readRefused = (entry: Json, told: number | undefined, message: Json) =>
    whenKnown(errorCode?.evaluate(entry), (code) => outcomeOfRefusal(kind, told, apiRejection(message, code)));
  const readWritten = (entry: Json) =>
    whenAllKnown([id?.evaluate(entry), created?.evaluate(entry)], ([written, isCreated]): WriteResult => {
      const targetId = keyText(written);
      return { outcome: 'written', ...(targetId === undefined ? {} : { targetId }), ...(typeof isCreated === 'boolean' ? { created: isCreated } : {}) };
    });
  return (entry) =>
    whenAllKnown([status?.evaluate(entry), error?.evaluate(entry)], ([stated, message]) => {
      const told = statusOf(stated);
      const isRefused = isTruthy(message) || (told !== undefined && told >= 400);
      // Words in the place of a status may say anything: "ERROR", or "OK".
      if (!isRefused && told === undefined && error === undefined && isTruthy(stated)) return { outcome: 'unknown' };
      return isRefused ? readRefused(entry, told, message ?? `status ${told}`) : readWritten(entry);
    });
}

/** Of a list of refused records. */
export function compileFailure(rule: NonNullable<WriteEndpoint['failures']>, kind: ChangeKind): ReadResult {
  const message = compileExpression(rule.message);
  const code = compileOptional(rule.code);
  const status = compileOptional(rule.status);
  return (entry) =>
    whenAllKnown([status?.evaluate(entry), message.evaluate(entry), code?.evaluate(entry)], ([stated, words, apiCode]) =>
      outcomeOfRefusal(kind, statusOf(stated), apiRejection(words, apiCode)),
    );
}

/** What a refusal with a status means for its record, whether the status is of the record or of a request of one. */
export function outcomeOfRefusal(kind: ChangeKind, status: number | undefined, rejection: Rejection): WriteResult {
  if (status !== undefined && AGAIN.has(status)) return { outcome: 'again' };
  if (status === 404 || status === 410) return outcomeOfMissing(kind, rejection);
  // A conflict may be over tomorrow; the record need not change for that.
  return { outcome: 'rejected', rejection: status === 409 || status === 412 ? { ...rejection, retry: 'later' } : rejection };
}

/** A record that is gone: that is what a delete wants. */
export function outcomeOfMissing(kind: ChangeKind, rejection: Rejection): WriteResult {
  switch (kind) {
    case 'delete':
      return { outcome: 'written' };
    case 'update':
      return {
        outcome: 'rejected',
        rejection: { ...rejection, reason: 'target-missing', message: `The target no longer has this record: ${rejection.message}`, retry: 'later' },
      };
    case 'create':
    case 'upsert':
      return { outcome: 'rejected', rejection };
    default:
      return assertNever(kind);
  }
}

/** A rejection in the API's own words. */
export function apiRejection(message: Json | undefined, code: Json | undefined): Rejection {
  const text = typeof message === 'string' && message.trim() !== '' ? message : isTruthy(message) ? JSON.stringify(message) : 'refused without a reason';
  const apiCode = keyText(code);
  const shown = text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE - 1)}…` : text;
  return { reason: 'api-rejected', message: shown, retry: 'never', ...(apiCode === undefined ? {} : { apiCode }) };
}

/** An HTTP status: a number, or a text that begins with it, as status lines do (`404`, `404 Not Found`, `HTTP/1.1 404 Not Found`). */
export function statusOf(value: Json | undefined): number | undefined {
  const status = typeof value === 'string' ? Number(STATUS_LINE.exec(value)?.[1]) : value;
  return typeof status === 'number' && status >= 100 && status <= 599 ? status : undefined;
}

function compileOptional(source: string | undefined): Expression | undefined {
  return source === undefined ? undefined : compileExpression(source);
}
