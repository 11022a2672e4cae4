import { apiCodeOf, messageOf } from './answer-message.ts';
import type { Classification, HttpAnswer, HttpClientOptions } from './http-client.ts';
import { announcedPauseMs, isSpent } from './limit-headers.ts';
import { retryAfterMs } from './retry-after.ts';

export { messageOf } from './answer-message.ts';

type LimitNames = HttpClientOptions['limits']['headers'];

/**
 * What HTTP itself says of an answer, where the connector has no rule of its own (RFC 9110 section 15, RFC 6585). A 503 is no promise that nothing was applied, also not with
 * `Retry-After`: only a connector may say so.
 * @param names the connection's own headers of limits
 */
export function classifyAnswer(answer: HttpAnswer, now: number = Date.now(), names: LimitNames = undefined): Classification {
  const { status, headers } = answer;
  const message = messageOf(answer.body) ?? `status ${status}`;
  if (status >= 200 && status < 300) return { class: 'success' };
  switch (status) {
    case 403:
      // Some say so that there were too many.
      if (headers['retry-after'] !== undefined || isSpent(headers, names))
        return rateLimited(retryAfterMs(headers, now) ?? announcedPauseMs(headers, names, now));
      return { class: 'credentials', message };
    case 401:
      return { class: 'credentials', message };
    case 404:
    case 410:
      return { class: 'not-found', message };
    case 413:
      return { class: 'too-large' };
    case 408:
    case 425:
      return { class: 'retry', message };
    case 429:
      return rateLimited(retryAfterMs(headers, now));
    default:
      break;
  }
  if (status >= 500) return { class: 'retry', message };
  const apiCode = apiCodeOf(answer.body);
  return { class: 'reject-request', message, ...(apiCode === undefined ? {} : { apiCode }) };
}

function rateLimited(afterMs: number | undefined): Classification {
  return { class: 'rate-limited', ...(afterMs === undefined ? {} : { afterMs }) };
}
