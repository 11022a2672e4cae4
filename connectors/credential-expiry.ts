import type { ResolvedConnection } from '../definition/resolved.ts';
import { refreshExpiry } from '../http/auth/stored-token.ts';
import type { TokenStore } from '../http/http-client.ts';

/**
 * When what a person has to renew of an account's credentials expires: as the definition says, or as the API has told of a refresh token, whichever is earlier. A day ends where its
 * day begins, in UTC.
 * @returns undefined where nobody knows
 * @throws SyncError STORE_UNAVAILABLE
 */
export async function credentialExpiry(tokens: Pick<TokenStore, 'readCredential'>, account: string, { auth }: ResolvedConnection): Promise<number | undefined> {
  const all = auth.type === 'in-turn' ? auth.of : [auth];
  const declared = all.flatMap((one) => ('expiresAt' in one && one.expiresAt !== undefined ? [Date.parse(one.expiresAt)] : []));
  const hasRefreshToken = auth.type === 'oauth2-refresh-token' || auth.type === 'oauth2-authorization-code';
  const told = hasRefreshToken ? await refreshExpiry(tokens, account) : undefined;
  const known = [...declared, ...(told === undefined ? [] : [told])];
  return known.length === 0 ? undefined : Math.min(...known);
}
