import type { Clock } from '../clock.ts';
import type { HttpClientOptions } from '../http-client.ts';
import type { TokenPlace } from './auth-options.ts';
import type { Authenticator, OutgoingRequest } from './authenticator.ts';
import { fingerprint } from './fingerprint.ts';
import { readStoredToken, renewalTime, type StoredToken, saveStoredToken } from './stored-token.ts';
import type { TokenAnswer } from './token-answer.ts';
import { writeToken } from './token-place.ts';

/** Tokens in use, and those that were in use before: an API may still speak of them. */
const MOST_KNOWN = 20;

export interface TokenKeeperOptions {
  readonly options: Pick<HttpClientOptions, 'account' | 'tokens'>;
  readonly clock: Clock;
  /** A fingerprint: an access token of other settings is not used. */
  readonly settings: string;
  readonly secrets: readonly string[];
  /** The configured refresh token, where the grant has one. A stored one that descends from another is not used: a person authorised anew. */
  readonly refreshToken?: string;
  /** What a stored token must descend from, where that is no configured refresh token. */
  readonly origin?: string;
  /** A person may put another token into the store: it is looked for so often. */
  readonly watchMs?: number;
  /** Of a token whose life is not told. @default an hour */
  readonly untoldLifetimeMs?: number;
  /** Where the token stands in a request. @default as bearer token (RFC 6750 section 2.1) */
  readonly place?: TokenPlace | undefined;
  /**
   * @param secrets what must not show in its failures
   * @param onRefreshToken told a new refresh token as soon as it is known, also where it fails afterwards
   */
  readonly request: (refreshToken: string | undefined, secrets: readonly string[], onRefreshToken: (refreshToken: string) => void) => Promise<TokenAnswer>;
}

interface Asked {
  readonly token: StoredToken;
  /** What it was asked for with. */
  readonly from: StoredToken | undefined;
  /** Nothing but a new refresh token could be read: why. */
  readonly trouble?: unknown;
}

/**
 * Keeps one access token for all who use the account. It is renewed ahead of its end (a minute, or a tenth of a short life) and after a 401: once for all concurrent requests, and
 * once for all processes, which look into the store again when they hold its lock. A new token is durable before it is used: a rotated refresh token that got lost locks us out.
 */
export class TokenKeeper implements Authenticator {
  readonly #keeper: TokenKeeperOptions;
  readonly #origin: string | undefined;
  /** Which token a request was sent with. */
  readonly #sentWith = new WeakMap<OutgoingRequest, string>();
  readonly #known = new Set<string>();
  #token: StoredToken | undefined;
  #lookedAt = 0;
  /** Got, but not yet durable. */
  #unsaved: Asked | undefined;
  #renewal: Promise<StoredToken> | undefined;

  constructor(keeper: TokenKeeperOptions) {
    this.#keeper = keeper;
    this.#origin = keeper.refreshToken === undefined ? keeper.origin : fingerprint(keeper.refreshToken);
  }

  async prepare(): Promise<void> {
    await this.#current();
  }

  async apply(request: OutgoingRequest): Promise<void> {
    const { accessToken } = await this.#current();
    this.#sentWith.set(request, accessToken);
    writeToken(this.#keeper.place, request, accessToken);
  }

  async onRejected(request: OutgoingRequest): Promise<boolean> {
    const refused = this.#sentWith.get(request);
    // Another request may have had it renewed meanwhile.
    if (this.#token !== undefined && this.#token.accessToken !== refused) return true;
    return (await this.#renewOnce(refused)).accessToken !== refused;
  }

  secrets(): readonly string[] {
    return [...this.#keeper.secrets, ...this.#known];
  }

  baseUrl(): string | undefined {
    return this.#token?.baseUrl;
  }

  /** Uses a token from now on. */
  #use(token: StoredToken): StoredToken {
    this.#token = token;
    this.#lookedAt = this.#keeper.clock.now();
    for (const secret of [token.accessToken, token.refreshToken]) {
      if (secret === undefined) continue;
      // The latest last.
      this.#known.delete(secret);
      this.#known.add(secret);
    }
    for (const secret of this.#known) if (this.#known.size > MOST_KNOWN) this.#known.delete(secret);
    return token;
  }

  async #current(): Promise<StoredToken> {
    return this.#isFresh(this.#token) && !this.#isToBeLookedFor() ? this.#token : await this.#renewOnce(undefined);
  }

  async #renewOnce(refused: string | undefined): Promise<StoredToken> {
    if (this.#renewal !== undefined) {
      const joined = await this.#renewal;
      // One that only looked into the store may have found what was refused.
      if (joined.accessToken !== refused) return joined;
    }
    this.#renewal ??= this.#renew(refused).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #renew(refused: string | undefined): Promise<StoredToken> {
    const { account, tokens } = this.#keeper.options;
    if (tokens === undefined) return this.#useAsked(await this.#ask(this.#token));
    const known = await this.#readStored();
    if (this.#isFresh(known) && known.accessToken !== refused) return this.#use(known);
    return tokens.withCredentialLock(account, async () => {
      const stored = await this.#readStored();
      if (this.#isFresh(stored) && stored.accessToken !== refused) return this.#use(stored);
      // Whoever wrote into the store since then knows better: another process, or a person who logged in or out.
      if (!isSame(this.#unsaved?.from, stored)) this.#unsaved = undefined;
      this.#unsaved ??= await this.#ask(stored);
      const asked = this.#unsaved;
      const present = await this.#readStored();
      // Whoever stood still for longer than the lock lasts finds what another has stored meanwhile.
      if (this.#isFresh(present) && !isSame(present, stored)) return this.#use(present);
      await saveStoredToken(tokens, account, asked.token, this.#keeper.clock.now());
      this.#unsaved = undefined;
      return this.#useAsked(asked);
    });
  }

  #useAsked({ token, trouble }: Asked): StoredToken {
    this.#use(token);
    if (trouble !== undefined) throw trouble;
    return token;
  }

  /** What the store holds, if it descends from what is configured now. */
  async #readStored(): Promise<StoredToken | undefined> {
    const stored = await readStoredToken(this.#keeper.options);
    if (stored === undefined || stored.origin !== this.#origin) return undefined;
    return stored.settings === this.#keeper.settings ? stored : { ...stored, renewAt: 0 };
  }

  async #ask(from: StoredToken | undefined): Promise<Asked> {
    let refreshToken: string | undefined;
    try {
      const answer = await this.#keeper.request(from?.refreshToken, this.secrets(), (told) => {
        refreshToken = told;
      });
      return { token: this.#tokenOf(answer, from), from };
    } catch (trouble) {
      if (refreshToken === undefined) throw trouble;
      const { settings } = this.#keeper;
      const token = { accessToken: '', ...from, renewAt: 0, settings, refreshToken, refreshExpiresAt: undefined, origin: this.#origin };
      return { token, from, trouble };
    }
  }

  #tokenOf(answer: TokenAnswer, from: StoredToken | undefined): StoredToken {
    const { clock, settings, refreshToken: configured, untoldLifetimeMs } = this.#keeper;
    return {
      // When somebody logged in, and what was granted, stays.
      ...from,
      accessToken: answer.accessToken,
      renewAt: renewalTime(answer, clock.now(), untoldLifetimeMs),
      settings,
      // Not all APIs rotate: then the one that was used stays.
      refreshToken: answer.refreshToken ?? from?.refreshToken ?? configured,
      // A token that stays ends when it would have.
      refreshExpiresAt:
        answer.refreshLifetimeMs !== undefined
          ? clock.now() + answer.refreshLifetimeMs
          : answer.refreshToken === undefined
            ? from?.refreshExpiresAt
            : undefined,
      origin: this.#origin,
      baseUrl: answer.baseUrl,
    };
  }

  #isToBeLookedFor(): boolean {
    const { watchMs, clock } = this.#keeper;
    return watchMs !== undefined && clock.now() - this.#lookedAt > watchMs;
  }

  #isFresh(token: StoredToken | undefined): token is StoredToken {
    return token !== undefined && this.#keeper.clock.now() < token.renewAt;
  }
}

function isSame(one: StoredToken | undefined, other: StoredToken | undefined): boolean {
  return one?.accessToken === other?.accessToken && one?.refreshToken === other?.refreshToken;
}
