import { isJsonObject, type Json } from '../engine/json.ts';
import type { Classification, HttpAnswer } from './http-client.ts';
import { retryAfterMs } from './retry-after.ts';

const LONGEST_MESSAGE = 300;

/** What HTTP itself says of an answer, where the connector has no rule of its own (RFC 9110 section 15, RFC 6585). */
export function classifyAnswer(answer: HttpAnswer): Classification {
  const { status } = answer;
  const message = messageOf(answer.body) ?? `status ${status}`;
  if (status >= 200 && status < 300) return { class: 'success' };
  if (status === 401 || status === 403) return { class: 'credentials', message };
  if (status === 404 || status === 410) return { class: 'not-found', message };
  if (status === 413) return { class: 'too-large' };
  const afterMs = retryAfterMs(answer.headers['retry-after'], Date.now());
  if (status === 429) return { class: 'rate-limited', ...(afterMs === undefined ? {} : { afterMs }) };
  if (status === 408 || status === 425 || status >= 500) return { class: 'retry', message };
  return { class: 'reject-request', message };
}

const PLACES: readonly (readonly (string | number)[])[] = [
  ['message'],
  ['error', 'message'],
  ['error_description'],
  ['errors', 0, 'message'],
  ['errors', 0, 'detail'],
  ['detail'],
  ['title'],
  ['error'],
  ['errors', 0],
];

/** The API's own words, from where APIs keep them. */
export function messageOf(body: Json): string | undefined {
  if (typeof body === 'string') return body.length > LONGEST_MESSAGE || body.trimStart().startsWith('<') ? undefined : body;
  for (const place of PLACES) {
    const found = place.reduce<Json | undefined>((value, step) => {
      if (Array.isArray(value) && typeof step === 'number') return value[step];
      return isJsonObject(value) && typeof step === 'string' ? value[step] : undefined;
    }, body);
    if (typeof found === 'string' && found !== '') return found.slice(0, LONGEST_MESSAGE);
  }
  return undefined;
}
