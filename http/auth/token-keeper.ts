import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { HttpClientOptions } from '../http-client.ts';
import type { Authenticator, OutgoingRequest } from './authenticator.ts';
import { fingerprint } from './fingerprint.ts';
import type { TokenAnswer } from './token-endpoint.ts';

/** The name of the stored credential; its owner is the account. */
const CREDENTIAL = 'oauth2';
/** Where the API does not tell how long a token lives. */
const UNTOLD_LIFETIME_MS = 3_600_000;
/** Tokens in use, and those that were in use before: an API may still speak of them. */
const MOST_KNOWN = 20;
const AHEAD_MS = 60_000;
const AHEAD_OF_LIFETIME = 0.1;

const storedSchema = z.object({
  accessToken: z.string(),
  /** From then on it is renewed. */
  renewAt: z.number(),
  /** What the access token was asked for with. */
  settings: z.string(),
  refreshToken: z.string().optional(),
  /** Which configured refresh token this one descends from. */
  origin: z.string().optional(),
});
type Token = z.output<typeof storedSchema>;

export interface TokenKeeperOptions {
  readonly options: Pick<HttpClientOptions, 'account' | 'tokens'>;
  readonly clock: Clock;
  /** A fingerprint: an access token of other settings is not used. */
  readonly settings: string;
  readonly secrets: readonly string[];
  /** The configured refresh token, where the grant has one. A stored one that descends from another is not used: a person authorised anew. */
  readonly refreshToken?: string;
  /** @param secrets what must not show in its failures */
  readonly request: (refreshToken: string | undefined, secrets: readonly string[]) => Promise<TokenAnswer>;
}

/**
 * Keeps one access token for all who use the account. It is renewed ahead of its end (a minute, or a tenth of a short life) and after a 401: once for all concurrent requests, and
 * once for all processes, which look into the store again when they hold its lock. A new token is durable before it is used: a rotated refresh token that got lost locks us out.
 */
export class TokenKeeper implements Authenticator {
  readonly #keeper: TokenKeeperOptions;
  readonly #origin: string | undefined;
  #token: Token | undefined;
  readonly #known = new Set<string>();
  /** Got, but not yet durable. */
  #unsaved: Token | undefined;
  #renewal: Promise<Token> | undefined;

  constructor(keeper: TokenKeeperOptions) {
    this.#keeper = keeper;
    this.#origin = keeper.refreshToken === undefined ? undefined : fingerprint(keeper.refreshToken);
  }

  async prepare(): Promise<void> {
    await this.#current();
  }

  async apply({ headers }: OutgoingRequest): Promise<void> {
    headers['authorization'] = `Bearer ${(await this.#current()).accessToken}`;
  }

  async onRejected({ headers }: OutgoingRequest): Promise<boolean> {
    const refused = headers['authorization']?.replace(/^Bearer /, '');
    // Another request may have had it renewed meanwhile.
    if (this.#token !== undefined && this.#token.accessToken !== refused) return true;
    return (await this.#renewOnce(refused)).accessToken !== refused;
  }

  secrets(): readonly string[] {
    return [...this.#keeper.secrets, ...this.#known];
  }

  /** Uses a token from now on. */
  #use(token: Token): Token {
    this.#token = token;
    for (const secret of [token.accessToken, token.refreshToken]) {
      if (secret === undefined) continue;
      // The latest last.
      this.#known.delete(secret);
      this.#known.add(secret);
    }
    for (const secret of this.#known) if (this.#known.size > MOST_KNOWN) this.#known.delete(secret);
    return token;
  }

  async #current(): Promise<Token> {
    return this.#isFresh(this.#token) ? this.#token : await this.#renewOnce(undefined);
  }

  #renewOnce(refused: string | undefined): Promise<Token> {
    this.#renewal ??= this.#renew(refused).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #renew(refused: string | undefined): Promise<Token> {
    const { account, tokens } = this.#keeper.options;
    if (tokens === undefined) return this.#use(await this.#ask(this.#token?.refreshToken));
    return tokens.withCredentialLock(account, async () => {
      const stored = await this.#readStored();
      if (this.#isFresh(stored) && stored.accessToken !== refused) return this.#use(stored);
      this.#unsaved ??= await this.#ask(stored?.refreshToken);
      await tokens.saveCredential(account, CREDENTIAL, withoutUndefined(this.#unsaved), this.#keeper.clock.now());
      const token = this.#unsaved;
      this.#unsaved = undefined;
      return this.#use(token);
    });
  }

  /** What the store holds, if it descends from what is configured now. */
  async #readStored(): Promise<Token | undefined> {
    const { account, tokens } = this.#keeper.options;
    const stored = storedSchema.safeParse(await tokens?.readCredential(account, CREDENTIAL)).data;
    if (stored === undefined || stored.origin !== this.#origin) return undefined;
    return stored.settings === this.#keeper.settings ? stored : { ...stored, renewAt: 0 };
  }

  async #ask(refreshToken: string | undefined): Promise<Token> {
    const { clock, settings, request, refreshToken: configured } = this.#keeper;
    const answer = await request(refreshToken, this.secrets());
    const lifetimeMs = answer.lifetimeMs ?? UNTOLD_LIFETIME_MS;
    return {
      accessToken: answer.accessToken,
      renewAt: clock.now() + lifetimeMs - Math.min(AHEAD_MS, lifetimeMs * AHEAD_OF_LIFETIME),
      settings,
      // Not all APIs rotate: then the one that was used stays.
      refreshToken: answer.refreshToken ?? refreshToken ?? configured,
      origin: this.#origin,
    };
  }

  #isFresh(token: Token | undefined): token is Token {
    return token !== undefined && this.#keeper.clock.now() < token.renewAt;
  }
}

function withoutUndefined({ refreshToken, origin, ...token }: Token) {
  return { ...token, ...(refreshToken === undefined ? {} : { refreshToken }), ...(origin === undefined ? {} : { origin }) };
}
