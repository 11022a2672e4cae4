import { SyncError } from '../../engine/errors.ts';
import type { AnswerFormat } from '../../engine/text-format.ts';
import { isLoopback, joinUrl } from '../base-url.ts';
import { ConnectionLanes } from '../connection-lanes.ts';
import { unreachable } from '../failures.ts';
import type { HttpClientOptions } from '../http-client.ts';
import { ACCEPT } from '../parse-format.ts';
import { type ReadAnswer, readAnswer } from '../read-answer.ts';
import { openSecureContext } from '../secure-context.ts';
import { USER_AGENT } from '../user-agent.ts';

const MAX_BYTES = 1_000_000;

/** What an address for sign-in needs to know of its connection. */
export type Asker = Pick<HttpClientOptions, 'name' | 'timeouts' | 'tls' | 'allowPlainHttp'>;

export interface Question {
  /** For messages: `The token endpoint of crm`. */
  readonly who: string;
  readonly url: URL;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
  /** How its answer is written. @default JSON */
  readonly as?: AnswerFormat | undefined;
  /** What its answer may repeat. */
  readonly secrets: readonly (string | undefined)[];
}

/**
 * Asks one question that is part of signing in, on a connection of its own: that happens once an hour. No redirect is followed, nothing is repeated.
 * @throws SyncError SYSTEM_UNAVAILABLE, CONTRACT_BROKEN
 */
export async function askOnce(asker: Asker, { who, url, method, headers, body, as, secrets }: Question): Promise<ReadAnswer> {
  const { name, timeouts, tls } = asker;
  const lanes = new ConnectionLanes(url, timeouts, tls === undefined ? undefined : openSecureContext(name, tls));
  const lane = lanes.take();
  try {
    await lane.open();
    const answer = await lane.request({
      method,
      path: `${url.pathname}${url.search}`,
      headers: { accept: as === undefined ? 'application/json' : ACCEPT[as], 'user-agent': USER_AGENT, ...headers },
      body: body ?? null,
      signal: AbortSignal.timeout(timeouts.requestMs),
    });
    return await readAnswer(answer, { name: who, maxBytes: MAX_BYTES, as, secrets });
  } catch (error) {
    throw error instanceof SyncError
      ? error
      : unreachable({ name: who, address: url.origin, requestMs: timeouts.requestMs, hasCertificate: tls?.certificate !== undefined }, error);
  } finally {
    await lanes.close();
  }
}

/** An address of its own, or a path of the connection's. @throws SyncError DEFINITION_INVALID where it is none, or not encrypted */
export function signInUrl(asker: Asker, key: string, address: string, baseUrl: URL): URL {
  const { name, allowPlainHttp } = asker;
  const isAbsolute = /^https?:\/\//i.test(address);
  if (isAbsolute && !URL.canParse(address)) throw invalid(`${key} of connection ${name} is no web address.`);
  const url = isAbsolute ? new URL(address) : joinUrl(name, baseUrl, address);
  if (url.protocol === 'https:' || isLoopback(url.hostname) || allowPlainHttp) return url;
  throw invalid(`${key} of connection ${name} is not encrypted (${url.origin}): use https.`);
}

export function invalid(message: string, cause?: unknown): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message, cause });
}
