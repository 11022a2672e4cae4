import { z } from 'zod';
import { SyncError } from '../../engine/errors.ts';
import { messageOf } from '../answer-message.ts';
import { isLoopback, joinUrl } from '../base-url.ts';
import type { Clock } from '../clock.ts';
import { ConnectionLanes } from '../connection-lanes.ts';
import { unreachable } from '../failures.ts';
import { hideSecretsIn } from '../hide-secrets.ts';
import type { AuthOptions, HttpClientOptions } from '../http-client.ts';
import { type ReadAnswer, readAnswer } from '../read-answer.ts';
import { retryAfterMs } from '../retry-after.ts';
import { USER_AGENT } from '../user-agent.ts';
import { basicCredentials } from './basic.ts';

const MAX_BYTES = 1_000_000;

const answerSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().nonnegative().nullish().catch(undefined),
  refresh_token: z.string().min(1).nullish().catch(undefined),
});
const refusalSchema = z.object({ error: z.string() });

type OAuth2 = Extract<AuthOptions, { readonly type: 'oauth2-client-credentials' | 'oauth2-refresh-token' }>;

export interface TokenAnswer {
  readonly accessToken: string;
  readonly lifetimeMs?: number;
  readonly refreshToken?: string;
}

export interface TokenEndpoint {
  readonly url: string;
  /**
   * @param known further secrets, which its answer may repeat
   * @throws SyncError CREDENTIALS_REJECTED, SYSTEM_UNAVAILABLE, RATE_LIMITED, CONTRACT_BROKEN; none holds a secret
   */
  ask(grant: Readonly<Record<string, string>>, known: readonly string[]): Promise<TokenAnswer>;
}

/** Where access tokens come from (RFC 6749 section 3.2). @throws SyncError DEFINITION_INVALID where it is no address, or not encrypted */
export function openTokenEndpoint(options: HttpClientOptions, auth: OAuth2, baseUrl: URL, clock: Clock): TokenEndpoint {
  const url = tokenUrl(options, auth, baseUrl);
  return {
    url: url.href,
    ask: async (grant, known) => {
      const written = withClient(auth, grant);
      const secrets = [grant['refresh_token'], auth.clientSecret?.trim(), written.headers['authorization']?.replace('Basic ', ''), ...known];
      const answer = await post(options, url, written, secrets);
      if (answer.status < 200 || answer.status > 299) throw refusal(auth, options.name, answer, secrets, clock.now());
      const parsed = answerSchema.safeParse(answer.body);
      if (!parsed.success) {
        throw new SyncError({
          code: 'CONTRACT_BROKEN',
          retry: 'never',
          message: `The token endpoint of ${options.name} answered without an access_token. Check tokenUrl (${url.origin}${url.pathname}).`,
        });
      }
      const { access_token: accessToken, expires_in: expiresIn, refresh_token: refreshToken } = parsed.data;
      return { accessToken, ...(expiresIn == null ? {} : { lifetimeMs: expiresIn * 1_000 }), ...(refreshToken == null ? {} : { refreshToken }) };
    },
  };
}

function tokenUrl(options: HttpClientOptions, auth: OAuth2, baseUrl: URL): URL {
  const isAbsolute = /^https?:\/\//i.test(auth.tokenUrl);
  if (isAbsolute && !URL.canParse(auth.tokenUrl)) throw invalid(`tokenUrl of connection ${options.name} is no web address.`);
  const url = isAbsolute ? new URL(auth.tokenUrl) : joinUrl(options.name, baseUrl, auth.tokenUrl);
  if (url.protocol === 'https:' || isLoopback(url.hostname) || options.allowPlainHttp) return url;
  throw invalid(`tokenUrl of connection ${options.name} is not encrypted (${url.origin}): use https.`);
}

/** The client proves itself in the body, or as HTTP Basic (RFC 6749 section 2.3.1). */
function withClient(auth: OAuth2, grant: Readonly<Record<string, string>>): { readonly headers: Record<string, string>; readonly body: Buffer } {
  const form = new URLSearchParams({ ...grant });
  if (auth.scopes !== undefined && auth.scopes.length > 0) form.set('scope', auth.scopes.join(' '));
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', 'user-agent': USER_AGENT };
  const [clientId, clientSecret] = [auth.clientId.trim(), auth.clientSecret?.trim()];
  if (auth.clientIn === 'header') {
    headers['authorization'] = basicCredentials(encodeURIComponent(clientId), encodeURIComponent(clientSecret ?? ''));
  } else {
    form.set('client_id', clientId);
    if (clientSecret !== undefined) form.set('client_secret', clientSecret);
  }
  return { headers, body: Buffer.from(form.toString()) };
}

/** On a connection of its own: tokens are asked for once an hour. */
async function post(
  options: HttpClientOptions,
  url: URL,
  { headers, body }: ReturnType<typeof withClient>,
  secrets: readonly (string | undefined)[],
): Promise<ReadAnswer> {
  const lanes = new ConnectionLanes(url, options.timeouts);
  const lane = lanes.take();
  try {
    await lane.open();
    const signal = AbortSignal.timeout(options.timeouts.requestMs);
    const answer = await lane.request({ method: 'POST', path: `${url.pathname}${url.search}`, headers, body, signal });
    return await readAnswer(answer, { name: `The token endpoint of ${options.name}`, maxBytes: MAX_BYTES, secrets });
  } catch (error) {
    throw error instanceof SyncError
      ? error
      : unreachable({ name: `The token endpoint of ${options.name}`, address: url.origin, requestMs: options.timeouts.requestMs }, error);
  } finally {
    await lanes.close();
  }
}

function refusal({ type }: OAuth2, name: string, { status, headers, body }: ReadAnswer, secrets: readonly (string | undefined)[], now: number): SyncError {
  const details = { status, sent: false };
  const afterMs = retryAfterMs(headers, now);
  if (status === 429 || (status >= 500 && afterMs !== undefined)) {
    return new SyncError({
      code: 'RATE_LIMITED',
      retry: { afterMs: afterMs ?? 1_000 },
      message: `The token endpoint of ${name} asked to wait (${status}).`,
      details,
    });
  }
  if (status >= 500 || status === 408) {
    return new SyncError({
      code: 'SYSTEM_UNAVAILABLE',
      retry: 'backoff',
      message: `The token endpoint of ${name} answered ${status}. Syncline tries again.`,
      details,
    });
  }
  if (status < 400)
    return new SyncError({
      code: 'CONTRACT_BROKEN',
      retry: 'never',
      message: `The token endpoint of ${name} redirects (${status}): put its final address into tokenUrl.`,
      details,
    });
  const words = messageOf(hideSecretsIn(body, secrets)) ?? `status ${status}`;
  const told = refusalSchema.safeParse(body).data?.error;
  // There is no refresh token that could be refused.
  const code = told === 'invalid_grant' && type === 'oauth2-client-credentials' ? undefined : told;
  return new SyncError({ code: 'CREDENTIALS_REJECTED', retry: 'never', message: sentence(name, code, words), details });
}

function sentence(name: string, code: string | undefined, words: string): string {
  switch (code) {
    case 'invalid_grant':
      return `${name} no longer accepts the refresh token (invalid_grant): ${words}. Authorise Syncline there again, and put the new refresh token into the secret of connection ${name}.`;
    case 'invalid_client':
    case 'unauthorized_client':
      return `${name} refused the client id or client secret (${code}): ${words}. Check both in connection ${name}.`;
    case 'invalid_scope':
      return `${name} refused the scopes (${code}): ${words}. Check "scopes" of connection ${name}.`;
    default:
      return `The token endpoint of ${name} refused the credentials: ${words}. Check tokenUrl, client id and secret of connection ${name}.`;
  }
}

function invalid(message: string): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}
