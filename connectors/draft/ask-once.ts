import { SyncError } from '../../engine/errors.ts';
import type { AuthOptions, HttpAnswer, HttpClientOptions, HttpRequest } from '../../http/http-client.ts';
import { openHttpClient } from '../../http/open-http-client.ts';

export interface OneRequest {
  /** For messages. */
  readonly name: string;
  readonly url: URL;
  readonly method?: HttpRequest['method'];
  readonly headers?: Readonly<Record<string, string>>;
  readonly auth?: AuthOptions;
  readonly body?: HttpRequest['body'];
  readonly signal?: AbortSignal;
}

const TIMEOUTS = { connectMs: 10_000, headersMs: 30_000, bodyMs: 30_000, requestMs: 60_000 };
const MAX_BYTES = 64_000_000;

/** Asks one address, whose connector is not written yet. Whatever it answers is an answer. @throws SyncError where nobody answers, or the address is not encrypted and not of this machine */
export async function askOnce({ name, url, method = 'GET', headers = {}, auth = { type: 'none' }, body, signal }: OneRequest): Promise<HttpAnswer> {
  const client = openHttpClient({ ...rawOptions, name, account: name, baseUrl: url.origin, auth, headers });
  try {
    const request = { method, path: url.pathname, query: [...url.searchParams], repeat: 'read', signal, ...(body === undefined ? {} : { body }) } as const;
    return (await client.send(request)).answer;
  } catch (error) {
    if (error instanceof SyncError) throw error;
    throw new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'never', message: `${url.origin} could not be asked.`, cause: error });
  } finally {
    await client.close();
  }
}

/** Of a client that takes every answer as it comes. */
export const rawOptions = {
  limits: {},
  timeouts: TIMEOUTS,
  maxAnswerBytes: MAX_BYTES,
  allowPlainHttp: false,
  classify: async () => ({ class: 'success' as const }),
} satisfies Partial<HttpClientOptions>;
