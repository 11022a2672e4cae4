import { z } from 'zod';
import { SyncError } from '../../engine/errors.ts';
import type { Json } from '../../engine/json.ts';
import type { Clock } from '../clock.ts';
import type { AuthOptions } from '../http-client.ts';
import { type Asker, askOnce, signInUrl } from './ask-once.ts';
import type { BaseUrlFrom, ClientOptions } from './auth-options.ts';
import { openClientProof } from './client-proof.ts';
import { readInstanceUrl } from './instance-url.ts';
import { tokenRefusal } from './token-refusal.ts';

const lifetime = z.coerce.number().positive().nullish().catch(undefined);
const answerSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().nonnegative().nullish().catch(undefined),
  refresh_token: z.string().min(1).nullish().catch(undefined),
  scope: z.string().nullish().catch(undefined),
  // No standard has it: each of these is what some tell how long the refresh token lives, in seconds.
  refresh_token_expires_in: lifetime,
  refresh_expires_in: lifetime,
  x_refresh_token_expires_in: lifetime,
});

/** Who asks, and where. */
export interface TokenClient extends Partial<Pick<ClientOptions, 'clientSecret' | 'clientAssertion' | 'clientIn'>> {
  readonly clientId?: string | undefined;
  readonly type: AuthOptions['type'];
  readonly tokenUrl: string;
  readonly baseUrlFrom?: BaseUrlFrom | undefined;
}

export interface TokenAnswer {
  readonly accessToken: string;
  readonly lifetimeMs?: number;
  readonly refreshToken?: string;
  /** What was granted, where the answer says. */
  readonly scope?: string;
  /** Where the account's API is, where that is told with the token. */
  readonly baseUrl?: string;
  /** How long the refresh token lives, where the API tells. */
  readonly refreshLifetimeMs?: number;
}

export interface TokenEndpoint {
  readonly url: string;
  /** Of the client. */
  readonly secrets: readonly string[];
  /**
   * @param known further secrets, which its answer may repeat
   * @throws SyncError CREDENTIALS_REJECTED, SYSTEM_UNAVAILABLE, RATE_LIMITED, CONTRACT_BROKEN; none holds a secret
   */
  ask(grant: Readonly<Record<string, string>>, known: readonly string[]): Promise<TokenAnswer>;
  /** Sends a form to another endpoint of the same server, in the client's name. Throws as `ask`. @returns the body of its answer */
  post(url: URL, form: Readonly<Record<string, string>>, known: readonly string[]): Promise<Json>;
}

/** Where access tokens come from (RFC 6749 section 3.2). @throws SyncError DEFINITION_INVALID where it is no address, or not encrypted */
export function openTokenEndpoint(asker: Asker, client: TokenClient, baseUrl: URL, clock: Clock): TokenEndpoint {
  const { name } = asker;
  const url = signInUrl(asker, 'tokenUrl', client.tokenUrl, baseUrl);
  const proof = openClientProof(name, client, url.href, clock);
  const post: TokenEndpoint['post'] = async (address, form, known) => {
    const { headers, body, secrets: written } = await proof.write(form);
    const secrets = [...proof.secrets, ...written, ...secretsOf(form), ...known];
    const answer = await askOnce(asker, { who: `The token endpoint of ${name}`, url: address, method: 'POST', headers, body, secrets });
    if (answer.status < 200 || answer.status > 299)
      throw tokenRefusal({ name, type: client.type, isSigned: client.clientAssertion !== undefined, answer, secrets, now: clock.now() });
    return answer.body;
  };
  return {
    url: url.href,
    secrets: proof.secrets,
    post,
    ask: async (grant, known) => {
      const body = await post(url, grant, known);
      const parsed = answerSchema.safeParse(body);
      if (!parsed.success) {
        throw new SyncError({
          code: 'CONTRACT_BROKEN',
          retry: 'never',
          message: `The token endpoint of ${name} answered without an access_token. Check tokenUrl (${url.origin}${url.pathname}).`,
        });
      }
      const refreshLifetime = parsed.data.refresh_token_expires_in ?? parsed.data.refresh_expires_in ?? parsed.data.x_refresh_token_expires_in;
      const { access_token: accessToken, expires_in: expiresIn, refresh_token: refreshToken, scope } = parsed.data;
      return {
        accessToken,
        ...(expiresIn == null ? {} : { lifetimeMs: expiresIn * 1_000 }),
        ...(refreshToken == null ? {} : { refreshToken }),
        ...(scope == null ? {} : { scope }),
        ...(client.baseUrlFrom === undefined ? {} : { baseUrl: await readInstanceUrl(name, client.baseUrlFrom, body, baseUrl) }),
        ...(refreshLifetime == null ? {} : { refreshLifetimeMs: refreshLifetime * 1_000 }),
      };
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
