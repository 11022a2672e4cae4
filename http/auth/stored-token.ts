import { z } from 'zod';
import type { HttpClientOptions, TokenStore } from '../http-client.ts';
import type { TokenAnswer } from './token-answer.ts';

/** The name of the stored credential; its owner is the account. */
const CREDENTIAL = 'oauth2';
/** Where the API does not tell how long a token lives. */
const UNTOLD_LIFETIME_MS = 3_600_000;
const AHEAD_MS = 60_000;
const AHEAD_OF_LIFETIME = 0.1;

const storedSchema = z.object({
  accessToken: z.string(),
  /** From then on it is renewed. */
  renewAt: z.number(),
  /** What the access token was asked for with. */
  settings: z.string(),
  refreshToken: z.string().optional(),
  /** When that ends, where the API tells. */
  refreshExpiresAt: z.number().optional(),
  /** Which configured refresh token, or which login's client, this one descends from. */
  origin: z.string().optional(),
  /** Where the account's API is, where that was told with the token. */
  baseUrl: z.string().optional(),
  /** When a person logged in, as whom Syncline asks since. */
  loggedInAt: z.number().optional(),
  /** What was granted then. */
  scope: z.string().optional(),
});
export type StoredToken = z.output<typeof storedSchema>;

type Owner = Pick<HttpClientOptions, 'account' | 'tokens'>;

export async function readStoredToken({ account, tokens }: Owner): Promise<StoredToken | undefined> {
  return storedSchema.safeParse(await tokens?.readCredential(account, CREDENTIAL)).data;
}

export async function saveStoredToken(tokens: TokenStore, account: string, token: StoredToken, at: number): Promise<void> {
  await tokens.saveCredential(
    account,
    CREDENTIAL,
    Object.fromEntries(Object.entries(token).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))),
    at,
  );
}

/** No token is left; what is written in its place cannot be read as one. */
export async function forgetStoredToken(tokens: TokenStore, account: string, at: number): Promise<void> {
  await tokens.saveCredential(account, CREDENTIAL, {}, at);
}

/** When the refresh token that is kept for an account ends, where its API has told. @throws SyncError STORE_UNAVAILABLE */
export async function refreshExpiry(tokens: Pick<TokenStore, 'readCredential'>, account: string): Promise<number | undefined> {
  return storedSchema.safeParse(await tokens.readCredential(account, CREDENTIAL)).data?.refreshExpiresAt;
}

/** When a token is to be renewed: a minute ahead of its end, or a tenth of a short life. Of one that would be over as soon as it is new, the life is not told. */
export function renewalTime(answer: Pick<TokenAnswer, 'lifetimeMs'>, now: number, untoldMs = UNTOLD_LIFETIME_MS): number {
  const { lifetimeMs: toldMs = 0 } = answer;
  const lifetimeMs = toldMs > 0 ? toldMs : untoldMs;
  return now + lifetimeMs - Math.min(AHEAD_MS, lifetimeMs * AHEAD_OF_LIFETIME);
}
