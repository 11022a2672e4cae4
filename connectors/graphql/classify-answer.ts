import { isJsonObject, type Json } from '../../engine/json.ts';
import type { Classification, HttpAnswer, HttpRequest } from '../../http/http-client.ts';
import { type AnswerError, errorsOf, kindOf } from './answer-errors.ts';

type Classify = NonNullable<HttpRequest['classify']>;

/**
 * Reads the answer to a query, whatever its status: with `errors` it is no success, also where it has data beside them: a null in it may be a value that could not be read, and must
 * not be taken for an empty one. The connector's own rules go first.
 */
export const classifyQuery: Classify = async (answer, byConnector) => (await byConnector()) ?? byErrors(answer);

/**
 * Reads the answer to a batch of mutations. What has data for one of them was carried out, be it in part: whatever else it says, it is read record by record, and nothing in it may
 * count as a request that surely was not applied. Where each of them says that it was refused, a rule of the connector may know more: that all will be, for want of a scope.
 */
export const classifyMutation: Classify = async (answer, byConnector) => {
  const errors = errorsOf(answer.body);
  if (answer.status < 500 && hasData(answer.body)) return { class: 'success' };
  const told = await byConnector();
  if (answer.status >= 500 || errors.every(({ path }) => path.length === 0)) return told ?? byErrors(answer);
  const ofAll = told ?? (errors.every((error) => kindOf(error) === 'throttled') ? byErrors(answer) : undefined);
  const isOfAll = ofAll !== undefined && ofAll.class !== 'reject-request' && isEachRefused(answer.body, errors);
  return isOfAll ? ofAll : { class: 'success' };
};

/** There is null under each alias, and an error that names it alone and is none of the server's own: none was carried out. */
function isEachRefused(body: Json, errors: readonly AnswerError[]): boolean {
  const data = isJsonObject(body) ? body['data'] : undefined;
  if (data === undefined || !isJsonObject(data) || errors.some((error) => kindOf(error) === 'failed')) return false;
  const aliases = Object.keys(data);
  return aliases.length > 0 && aliases.every((alias) => errors.some(({ path }) => path.length === 1 && path[0] === alias));
}

/** Some field of it was answered with more than null. */
function hasData(body: Json): boolean {
  const data = isJsonObject(body) ? body['data'] : undefined;
  return isJsonObject(data) && Object.values(data).some((value) => value !== null);
}

/** Undefined where HTTP says it: no errors, or a status that is of the way there (401, 429, 5xx). */
function byErrors({ status, body }: HttpAnswer): Classification | undefined {
  const errors = errorsOf(body);
  const [first] = errors;
  if (first === undefined || status >= 500 || status === 401 || status === 403 || status === 429) return undefined;
  const kinds = new Set(errors.map(kindOf));
  const message = wordsOf(errors);
  if (kinds.has('throttled')) return { class: 'rate-limited' };
  if (kinds.has('unauthenticated')) return { class: 'credentials', message };
  if (kinds.has('too-large')) return { class: 'too-large' };
  if (kinds.has('failed')) return { class: 'retry', message };
  if (kinds.size === 1 && kinds.has('not-found')) return { class: 'not-found', message };
  return { class: 'reject-request', message, ...(first.code === undefined ? {} : { apiCode: first.code }) };
}

/** Each once: a batch may fail for the same reason many times. */
export function wordsOf(errors: readonly AnswerError[]): string {
  return [...new Set(errors.map(({ message }) => message))].join('; ');
}
