import { randomUUID } from 'node:crypto';
import { parseDuration } from '../../engine/duration.ts';
import type { JsonObject } from '../../engine/json.ts';
import type { Clock } from '../clock.ts';
import type { HttpClientOptions } from '../http-client.ts';
import { invalid, signInUrl } from './ask-once.ts';
import type { JwtOptions } from './auth-options.ts';
import type { Authenticator } from './authenticator.ts';
import { fingerprint, settingsOf } from './fingerprint.ts';
import { openSigner } from './sign-jwt.ts';
import { openTokenEndpoint, scopeParameter } from './token-endpoint.ts';
import { TokenKeeper } from './token-keeper.ts';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const DEFAULT_LIFETIME_MS = 180_000;

/** A JSON Web Token that is signed here: exchanged for an access token (RFC 7523 section 2.1), or sent as it is. */
export function jwtAuthenticator(options: HttpClientOptions, auth: JwtOptions, baseUrl: URL, clock: Clock): Authenticator {
  const signer = openSigner(options.name, auth);
  const lifetimeMs = parseDuration(auth.lifetime) ?? DEFAULT_LIFETIME_MS;
  const sign = (audience: string | undefined) => signer.sign(claimsOf(auth, signer.told.issuer, audience, clock.now(), lifetimeMs), auth.header);

  if (auth.send !== 'assertion') {
    const place = auth.send === 'bearer' ? undefined : auth.send;
    // Signed anew in each process: nothing to keep or to share.
    const own = { account: options.account };
    const request = async () => ({ accessToken: await sign(auth.audience), lifetimeMs });
    return new TokenKeeper({ options: own, clock, settings: '', secrets: signer.secrets, place, request });
  }
  const tokenUrl = auth.tokenUrl ?? signer.told.tokenUrl;
  if (tokenUrl === undefined)
    throw invalid(`Connection ${options.name} does not say where its assertion is exchanged: give its auth a tokenUrl, or "send: bearer".`);
  const { type, clientId, baseUrlFrom, tokenRequest, token } = auth;
  const endpoint = openTokenEndpoint(options, { type, tokenUrl, clientId, baseUrlFrom, tokenRequest, token }, baseUrl, clock);
  const audience = auth.audience ?? signInUrl(options, 'tokenUrl', tokenUrl, baseUrl).href;
  const { lifetime: _, ...asked } = auth;
  return new TokenKeeper({
    options,
    clock,
    settings: fingerprint(...settingsOf(asked)),
    secrets: signer.secrets,
    request: async (_refreshToken, known) => {
      const inBody = auth.scopesIn === 'body' ? scopeParameter(auth.scopes) : {};
      return endpoint.ask({ grant_type: GRANT_TYPE, assertion: await sign(audience), ...inBody }, known);
    },
  });
}

function claimsOf(auth: JwtOptions, toldIssuer: string | undefined, audience: string | undefined, now: number, lifetimeMs: number): JsonObject {
  const issuer = auth.issuer ?? toldIssuer;
  const iat = Math.floor(now / 1_000);
  return {
    ...(issuer === undefined ? {} : { iss: issuer }),
    ...(auth.subject === undefined ? {} : { sub: auth.subject }),
    ...(audience === undefined ? {} : { aud: audience }),
    ...(auth.scopesIn === 'claim' ? scopeParameter(auth.scopes) : {}),
    iat,
    exp: iat + Math.floor(lifetimeMs / 1_000),
    jti: randomUUID(),
    ...auth.claims,
  };
}
