import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AuthOptions, HttpClientOptions } from '../http-client.ts';
import type { Authenticator, OutgoingRequest } from './authenticator.ts';
import { requestToken } from './token-request.ts';

type OAuth2Options = Extract<AuthOptions, { readonly type: 'oauth2-client-credentials' | 'oauth2-refresh-token' }>;

const CREDENTIAL = 'oauth2';
const DEFAULT_LIFETIME_S = 3_600;
const LONGEST_LEAD_MS = 60_000;

const tokenSchema = z.object({
  accessToken: z.string(),
  /** Ahead of its end. */
  renewAt: z.number(),
  refreshToken: z.string().nullable(),
  /** Of what the definition says: a person who put in another refresh token wins over the stored one. */
  configured: z.string(),
});
type Token = z.output<typeof tokenSchema>;

/** OAuth 2.0 client credentials and refresh token (RFC 6749 sections 4.4 and 6): renewed ahead of time and on a 401, once for all concurrent requests and processes. */
export class OAuth2Authenticator implements Authenticator {
  readonly #options: HttpClientOptions;
  readonly #auth: OAuth2Options;
  readonly #baseUrl: URL;
  readonly #configured: string;
  #token: Token | undefined;
  #renewal: Promise<Token> | undefined;

  constructor(options: HttpClientOptions, auth: OAuth2Options, baseUrl: URL) {
    this.#options = options;
    this.#auth = auth;
    this.#baseUrl = baseUrl;
    const grant = auth.type === 'oauth2-refresh-token' ? auth.refreshToken : auth.clientSecret;
    this.#configured = createHash('sha256').update(`${auth.clientId} ${grant}`).digest('base64url');
  }

  async apply({ headers }: OutgoingRequest): Promise<void> {
    const token = this.#isFresh(this.#token) ? this.#token : await this.#renewOnce(undefined);
    headers['authorization'] = `Bearer ${token.accessToken}`;
  }

  async renew(): Promise<boolean> {
    const refused = this.#token?.accessToken;
    const token = await this.#renewOnce(refused);
    return token.accessToken !== refused;
  }

  /** Concurrent requests share one renewal. */
  #renewOnce(refused: string | undefined): Promise<Token> {
    this.#renewal ??= this.#renewLocked(refused).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #renewLocked(refused: string | undefined): Promise<Token> {
    const { tokens, account } = this.#options;
    if (tokens === undefined) return this.#remember(await this.#request(this.#token?.refreshToken));
    return tokens.withCredentialLock(account, async () => {
      const stored = tokenSchema.safeParse(await tokens.readCredential(account, CREDENTIAL)).data;
      const usable = stored?.configured === this.#configured ? stored : undefined;
      // Another process may have renewed it while this one waited for the lock.
      if (this.#isFresh(usable) && usable.accessToken !== refused) return this.#remember(usable);
      const token = await this.#request(usable?.refreshToken);
      // Durable before it is used: a rotated refresh token that is lost locks the account out.
      await tokens.saveCredential(account, CREDENTIAL, token, Date.now());
      return this.#remember(token);
    });
  }

  async #request(rotatedRefreshToken: string | null | undefined): Promise<Token> {
    const refreshToken = this.#auth.type === 'oauth2-refresh-token' ? (rotatedRefreshToken ?? this.#auth.refreshToken) : undefined;
    const answer = await requestToken(this.#options, this.#auth, this.#baseUrl, refreshToken);
    const lifetimeMs = (answer.expires_in ?? DEFAULT_LIFETIME_S) * 1000;
    const renewAt = Date.now() + lifetimeMs - Math.min(LONGEST_LEAD_MS, lifetimeMs / 10);
    return { accessToken: answer.access_token, renewAt, configured: this.#configured, refreshToken: answer.refresh_token ?? refreshToken ?? null };
  }

  #remember(token: Token): Token {
    this.#token = token;
    return token;
  }

  #isFresh(token: Token | undefined): token is Token {
    return token !== undefined && Date.now() < token.renewAt;
  }
}
