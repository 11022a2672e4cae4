import { failureOfClass, redirected } from './answer-failures.ts';
import { classifyAnswer } from './classify.ts';
import { exchange } from './exchange.ts';
import type { Classification, HttpAnswer, HttpRequest } from './http-client.ts';
import { LanePermit } from './permit.ts';
import { writeRequest } from './request-parts.ts';
import type { Answered, SendParts } from './send-once.ts';

/** What another host takes is nothing of the account's limits. */
const FREE_PLACE = { markUsed: () => undefined, release: () => undefined };
/** A signed link that is no longer good; S3 and Google Cloud Storage say 403. */
const EXPIRED = new Set([401, 403, 404, 410]);

/**
 * Sends a request to another host, by a link that is all it needs: without credentials, headers or certificate of the account, and along no redirect. What it answers teaches nothing of the API.
 * @throws SyncError as `HttpClient.send` says; a link that is no longer good is `not-found`
 */
export async function sendElsewhere(parts: SendParts, request: HttpRequest, link: URL, isRetry: boolean): Promise<Answered> {
  const { options, clock } = parts;
  const permit = new LanePermit(FREE_PLACE, parts.lanesElsewhere(link.origin));
  try {
    const written = writeRequest({ headers: {} }, request, link);
    // The link is a credential: it is told of without its query.
    const url = new URL(`${link.origin}${link.pathname}`);
    const answer = await exchange(parts, { request, written, url, permit, isRetry });
    if (answer.status >= 300 && answer.status <= 399) throw redirected(options.name, request.repeat, answer.status);
    const classification = classifyLink(answer, clock.now());
    const failure = failureOfClass(options.name, request.repeat, answer, classification, clock.now());
    if (failure !== undefined) throw failure;
    return { answer, classification };
  } finally {
    permit.release();
  }
}

function classifyLink(answer: HttpAnswer, now: number): Classification {
  const told = classifyAnswer(answer, now);
  return EXPIRED.has(answer.status) ? { class: 'not-found', message: `the link is no longer good (${answer.status})` } : told;
}
