import { apiCodeOf, messageOf } from './answer-message.ts';
import type { Classification, HttpAnswer } from './http-client.ts';
import { retryAfterMs } from './retry-after.ts';

export { messageOf } from './answer-message.ts';

/**
 * What HTTP itself says of an answer, where the connector has no rule of its own (RFC 9110 section 15, RFC 6585). A 503 is no promise that nothing was applied, also not with
 * `Retry-After`: only a connector may say so.
 */
export function classifyAnswer(answer: HttpAnswer, now: number = Date.now()): Classification {
  const { status } = answer;
  const message = messageOf(answer.body) ?? `status ${status}`;
  if (status >= 200 && status < 300) return { class: 'success' };
  switch (status) {
    case 401:
    case 403:
      return { class: 'credentials', message };
    case 404:
    case 410:
      return { class: 'not-found', message };
    case 413:
      return { class: 'too-large' };
    case 408:
    case 425:
      return { class: 'retry', message };
    case 429: {
      const afterMs = retryAfterMs(answer.headers, now);
      return { class: 'rate-limited', ...(afterMs === undefined ? {} : { afterMs }) };
    }
    default:
      break;
  }
  if (status >= 500) return { class: 'retry', message };
  const apiCode = apiCodeOf(answer.body);
  return { class: 'reject-request', message, ...(apiCode === undefined ? {} : { apiCode }) };
}
