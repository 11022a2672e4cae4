import { isJsonObject, type Json } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import { messageOf } from '../../http/answer-message.ts';

/** One of the `errors` of an answer (GraphQL specification, section 7.1.2). */
export interface AnswerError {
  readonly message: string;
  /** `extensions.code`, as most servers have it; or `type` beside the message (GitHub). */
  readonly code: string | undefined;
  /** Response keys and indexes that lead to the field that failed; empty where the whole request did. */
  readonly path: readonly (string | number)[];
}

/** The errors at the top of an answer, also one with status 200. */
export function errorsOf(body: Json): readonly AnswerError[] {
  const errors = isJsonObject(body) ? body['errors'] : undefined;
  return isJsonArray(errors) ? errors.map(errorOf) : [];
}

function errorOf(error: Json): AnswerError {
  const { path, extensions, type } = isJsonObject(error) ? error : {};
  const code = isJsonObject(extensions) ? extensions['code'] : undefined;
  return {
    message: messageOf(error) ?? 'refused without a reason',
    code: textOf(code) ?? textOf(type),
    path: isJsonArray(path) ? path.filter((step) => typeof step === 'string' || typeof step === 'number') : [],
  };
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What is common in codes of servers that do not agree on them: https://www.apollographql.com/docs/apollo-server/data/errors, Shopify, GitHub, Hasura. */
const THROTTLED = new Set(['THROTTLED', 'RATE_LIMITED', 'RATE_LIMIT', 'RATE_LIMIT_EXCEEDED', 'TOO_MANY_REQUESTS']);
const FAILED = new Set(['INTERNAL_SERVER_ERROR', 'INTERNAL_ERROR', 'SERVICE_UNAVAILABLE', 'TIMEOUT', 'GATEWAY_TIMEOUT', 'UNEXPECTED']);
const UNAUTHENTICATED = new Set(['UNAUTHENTICATED']);
const NOT_FOUND = new Set(['NOT_FOUND']);
const TOO_LARGE = new Set(['MAX_COST_EXCEEDED', 'QUERY_TOO_COMPLEX', 'COMPLEXITY_LIMIT_EXCEEDED', 'MAX_COMPLEXITY_EXCEEDED']);

export type ErrorKind = 'throttled' | 'failed' | 'unauthenticated' | 'not-found' | 'too-large' | 'refused';

/** What a code says of its error: nothing that is not known is taken for more than a refusal. */
export function kindOf({ code = '' }: AnswerError): ErrorKind {
  const known = code.toUpperCase();
  if (THROTTLED.has(known)) return 'throttled';
  if (FAILED.has(known)) return 'failed';
  if (UNAUTHENTICATED.has(known)) return 'unauthenticated';
  if (NOT_FOUND.has(known)) return 'not-found';
  return TOO_LARGE.has(known) ? 'too-large' : 'refused';
}
