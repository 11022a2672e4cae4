import { failureOfClass, redirected, unreadableWrite } from './answer-failures.ts';
import { joinUrl, sameOrigin } from './base-url.ts';
import { classifyAnswer } from './classify.ts';
import type { ConnectionLanes } from './connection-lanes.ts';
import { type CostFacts, costWaitMs } from './cost-bucket.ts';
import { type ExchangeParts, exchange } from './exchange.ts';
import { hideSecrets, hideSecretsIn } from './hide-secrets.ts';
import type { Classification, HttpAnswer, HttpObserver, HttpRequest } from './http-client.ts';
import type { Place } from './limiter.ts';
import { linkElsewhere } from './other-host.ts';
import type { LanePermit } from './permit.ts';
import { writeRequest } from './request-parts.ts';
import { sendElsewhere } from './send-elsewhere.ts';

const MOST_REDIRECTS = 3;
/** A 403 says that the credential is good, and may not do this. */
const RENEWED_ON: readonly number[] = [401];

export interface SendParts extends ExchangeParts {
  /** A permit of its own for each request that leaves; the connection need not be open yet. */
  readonly acquire: (signal: AbortSignal | undefined, observer: HttpObserver | undefined) => Promise<LanePermit>;
  /** A place under the limits that the request alone has. */
  readonly enter: (request: HttpRequest) => Promise<Place>;
  /** Connections to another host than the API's. */
  readonly lanesElsewhere: (origin: string) => ConnectionLanes;
  /** Told each answer, for limits and warnings. */
  readonly onAnswer: (answer: HttpAnswer, classification: Classification, cost: CostFacts | undefined) => void;
}

export interface Answered {
  readonly answer: HttpAnswer;
  readonly classification: Classification;
}

/**
 * Sends a request once: after a 401 a second time with a renewed credential (a 401 applied nothing), and along redirects of a read that stay at home.
 * @throws SyncError as `HttpClient.send` says
 */
export async function sendOnce(parts: SendParts, request: HttpRequest, given: LanePermit | undefined, isRetry: boolean): Promise<Answered> {
  const { options, authenticator, clock } = parts;
  const elsewhere = request.hosts === undefined ? undefined : linkElsewhere(options.name, new URL(options.baseUrl), request.path, request.hosts);
  if (elsewhere !== undefined) return sendElsewhere(parts, request, elsewhere, isRetry);
  let permit = given;
  let isRenewed = false;
  let redirect: URL | undefined;
  for (let redirects = 0; ; ) {
    const entered = await parts.enter(request);
    permit ??= await acquireOrLeave(parts, request, entered);
    const { url, written, received } = await withPermit(permit, entered, async (held) => {
      const address = redirect ?? withQuery(joinUrl(options.name, held.baseUrl, request.path), request.query);
      const outgoing = writeRequest(options, request, address);
      await authenticator.apply(outgoing);
      const isAnother = isRetry || isRenewed || redirects > 0;
      return {
        url: address,
        written: outgoing,
        received: await exchange(parts, { request, written: outgoing, url: address, permit: held, isRetry: isAnother }),
      };
    });
    const answer = withoutSecrets(request, received, authenticator.secrets());
    permit = undefined;
    const target = redirectOf(answer);
    if (target !== undefined) {
      if (!mayFollow(request, answer.status) || redirects === MOST_REDIRECTS) throw redirected(options.name, request.repeat, answer.status);
      redirects += 1;
      redirect = sameOrigin(options.name, url, target);
      continue;
    }
    const cost = await options.readCost?.(answer);
    const classification = withCost(await classify(parts, request, answer), cost);
    parts.onAnswer(answer, classification, cost);
    const mayBeRenewed = classification.class === 'credentials' && (authenticator.renewsOn ?? RENEWED_ON).includes(answer.status);
    if (mayBeRenewed && !isRenewed && (await authenticator.onRejected(written))) {
      isRenewed = true;
      continue;
    }
    const failure = failureOfClass(options.name, request.repeat, answer, classification, clock.now());
    if (failure !== undefined) throw failure;
    return { answer, classification };
  }
}

async function acquireOrLeave({ acquire }: SendParts, { signal, observer }: HttpRequest, entered: Place): Promise<LanePermit> {
  try {
    return await acquire(signal, observer);
  } catch (error) {
    entered.release();
    throw error;
  }
}

async function withPermit<Result>(permit: LanePermit, entered: Place, work: (permit: LanePermit) => Promise<Result>): Promise<Result> {
  entered.markUsed();
  try {
    return await work(permit);
  } finally {
    permit.release();
    entered.release();
  }
}

/** What an API says of a write, or of a refusal, is kept and shown: some repeat the request's own secret in it. Records that are read stay as they are. */
function withoutSecrets(request: HttpRequest, answer: HttpAnswer, secrets: readonly string[]): HttpAnswer {
  if (request.repeat === 'read' && answer.status < 400) return answer;
  return { ...answer, body: hideSecretsIn(answer.body, secrets) };
}

/** The connector's own reading first. Messages pass on without our secrets. */
async function classify({ options, authenticator, clock }: SendParts, request: HttpRequest, answer: HttpAnswer): Promise<Classification> {
  try {
    const byConnector = async () => options.classify?.(answer);
    const told = request.classify === undefined ? await byConnector() : await request.classify(answer, byConnector);
    const classification = told ?? classifyAnswer(answer, clock.now(), options.limits.headers);
    return 'message' in classification ? { ...classification, message: hideSecrets(classification.message, authenticator.secrets()) } : classification;
  } catch (error) {
    // The write was answered: whoever repeats it because its answer was not understood doubles it.
    throw request.repeat === 'once' ? unreadableWrite(options.name, answer.status, error) : error;
  }
}

/** Too many points were asked for, and the API does not say how long to wait: as long as they take to come back. */
function withCost(classification: Classification, cost: CostFacts | undefined): Classification {
  const isUntold = classification.class === 'rate-limited' && classification.afterMs === undefined;
  return isUntold && cost !== undefined ? { class: 'rate-limited', afterMs: costWaitMs(cost) } : classification;
}

function redirectOf(answer: HttpAnswer): string | undefined {
  const isRedirect = answer.status >= 300 && answer.status <= 399 && answer.status !== 304;
  return isRedirect ? answer.headers['location'] : undefined;
}

/** 301, 302 and 303 may turn a POST into a GET; the others repeat it as it is (RFC 9110 section 15.4). */
function mayFollow(request: HttpRequest, status: number): boolean {
  return request.repeat === 'read' && (request.method === 'GET' || status === 307 || status === 308);
}

function withQuery(url: URL, query: HttpRequest['query']): URL {
  for (const [name, value] of query ?? []) url.searchParams.append(name, value);
  return url;
}
