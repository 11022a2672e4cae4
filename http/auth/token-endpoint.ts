import type { Json } from '../../engine/json.ts';
import type { Clock } from '../clock.ts';
import type { AuthOptions } from '../http-client.ts';
import type { ReadAnswer } from '../read-answer.ts';
import { type Asker, askOnce, signInUrl } from './ask-once.ts';
import type { ClientOptions, ExchangeOptions, TokenRequest } from './auth-options.ts';
import { openClientProof } from './client-proof.ts';
import { readInstanceUrl } from './instance-url.ts';
import { isGrantDead, readTokenAnswer, refreshTokenOf, type TokenAnswer } from './token-answer.ts';
import { tokenRefusal } from './token-refusal.ts';
import { writeTokenRequest } from './token-request.ts';

/** Who asks, and where. */
export interface TokenClient extends Partial<Pick<ClientOptions, 'clientSecret' | 'clientAssertion' | 'clientIn' | 'baseUrlFrom'>>, ExchangeOptions {
  readonly clientId?: string | undefined;
  readonly type: AuthOptions['type'];
  readonly tokenUrl: string;
}

export interface TokenEndpoint {
  readonly url: string;
  /** Of the client. */
  readonly secrets: readonly string[];
  /**
   * @param known further secrets, which its answer may repeat
   * @param onRefreshToken told a new refresh token ahead of everything else that the answer may lack: the one before it may have ended
   * @throws SyncError CREDENTIALS_REJECTED, SYSTEM_UNAVAILABLE, RATE_LIMITED, CONTRACT_BROKEN; none holds a secret
   */
  ask(grant: Readonly<Record<string, string>>, known: readonly string[], onRefreshToken?: (refreshToken: string) => void): Promise<TokenAnswer>;
  /** Sends a form to another endpoint of the same server, in the client's name. Throws as `ask`. @returns the body of its answer */
  post(url: URL, form: Readonly<Record<string, string>>, known: readonly string[]): Promise<Json>;
}

/** Where access tokens come from (RFC 6749 section 3.2). @throws SyncError DEFINITION_INVALID where it is no address, or not encrypted */
export function openTokenEndpoint(asker: Asker, client: TokenClient, baseUrl: URL, clock: Clock): TokenEndpoint {
  const { name } = asker;
  const url = signInUrl(asker, 'tokenUrl', client.tokenUrl, baseUrl);
  const who = `The token endpoint of ${name}`;
  const proof = openClientProof(name, client, url.href, clock);
  const send = async (address: URL, form: Readonly<Record<string, string>>, known: readonly string[]): Promise<ReadAnswer> => {
    const proven = await proof.prove(form);
    const secrets = [...proof.secrets, ...proven.secrets, ...secretsOf(form), ...furtherSecrets(client.tokenRequest), ...known];
    const question = { who, method: 'POST', secrets, ...writeTokenRequest(client.tokenRequest, address, proven) };
    const answer = await askOnce(asker, question);
    const isDead = await isGrantDead(name, client.token, answer);
    if (!isDead && answer.status >= 200 && answer.status <= 299) return answer;
    throw tokenRefusal({ name, type: client.type, isSigned: client.clientAssertion !== undefined, isDead, answer, secrets, now: clock.now() });
  };
  return {
    url: url.href,
    secrets: proof.secrets,
    post: async (address, form, known) => (await send(address, form, known)).body,
    ask: async (grant, known, onRefreshToken) => {
      const answer = await send(url, grant, known);
      const refreshToken = await refreshTokenOf(client.token, answer);
      if (refreshToken !== undefined) onRefreshToken?.(refreshToken);
      const told = await readTokenAnswer({ who, address: `${url.origin}${url.pathname}` }, client.token, answer, clock.now());
      return client.baseUrlFrom === undefined ? told : { ...told, baseUrl: await readInstanceUrl(name, client.baseUrlFrom, answer.body, baseUrl) };
    },
  };
}

/** The scopes of a request, where there are some. */
export function scopeParameter(scopes: readonly string[] | undefined): { readonly scope?: string } {
  return scopes === undefined || scopes.length === 0 ? {} : { scope: scopes.join(' ') };
}

const SECRET_PARAMETERS = ['refresh_token', 'code', 'code_verifier', 'assertion', 'device_code', 'token'];

function secretsOf(form: Readonly<Record<string, string>>): readonly string[] {
  return SECRET_PARAMETERS.flatMap((name) => form[name] ?? []);
}

/** What of the further fields and headers may be a secret: what a person would write as a reference. */
const SECRET_NAME = /(?:authorization|token|secret|password|key)$/i;

function furtherSecrets({ fields, headers }: Partial<TokenRequest> = {}): readonly string[] {
  return Object.entries({ ...fields, ...headers }).flatMap(([name, value]) => (SECRET_NAME.test(name) ? [value] : []));
}
