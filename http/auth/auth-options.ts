import type { Json } from '../../engine/json.ts';

/** How the texts are signed that prove who asks. */
export interface SigningOptions {
  readonly algorithm: string;
  /** PEM, a JSON Web Key, or the JSON key file of a Google service account; of HS… the shared secret. */
  readonly key: string;
  readonly keyId?: string | undefined;
  readonly passphrase?: string | undefined;
}

/** The answer with a token names the account's own address. */
export interface BaseUrlFrom {
  readonly answer: string;
  readonly hosts: readonly string[];
}

/** Whoever asks for tokens in a client's name. */
export interface ClientOptions {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly clientAssertion?: (SigningOptions & { readonly audience?: string | undefined }) | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly clientIn: 'body' | 'header';
  readonly baseUrlFrom?: BaseUrlFrom | undefined;
}

export interface AuthorizationCodeOptions extends ClientOptions {
  readonly type: 'oauth2-authorization-code';
  readonly authorizeUrl: string;
  readonly redirectUri?: string | undefined;
  readonly authorizeParameters?: Readonly<Record<string, string>> | undefined;
  readonly deviceUrl?: string | undefined;
  readonly revokeUrl?: string | undefined;
}

export interface JwtOptions extends SigningOptions {
  readonly type: 'jwt';
  readonly send: 'assertion' | 'bearer';
  readonly tokenUrl?: string | undefined;
  readonly clientId?: string | undefined;
  readonly issuer?: string | undefined;
  readonly subject?: string | undefined;
  readonly audience?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly scopesIn: 'claim' | 'body';
  /** A duration as written. */
  readonly lifetime: string;
  readonly claims?: Readonly<Record<string, Json>> | undefined;
  readonly header?: Readonly<Record<string, string>> | undefined;
  readonly baseUrlFrom?: BaseUrlFrom | undefined;
}

/** A request that is none of the records': strings are templates. */
export interface SessionRequest {
  readonly get?: string | undefined;
  readonly post?: string | undefined;
  readonly put?: string | undefined;
  readonly delete?: string | undefined;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Json | undefined;
  readonly format: 'json' | 'form';
}

export interface SessionTokenOptions {
  readonly type: 'session-token';
  readonly credentials: Readonly<Record<string, string>>;
  readonly login: SessionRequest;
  /** Expressions over `{ status, headers, cookies, body }` of the answer; `lifetime` is a duration as written. */
  readonly token: {
    readonly from: string;
    readonly expiresIn?: string | undefined;
    readonly expiresAt?: string | undefined;
    readonly lifetime?: string | undefined;
  };
  readonly send: { readonly in: 'header' | 'cookie' | 'query'; readonly name: string; readonly prefix?: string | undefined };
  readonly renewOn: readonly number[];
  readonly logout?: SessionRequest | undefined;
}

/** How requests prove who sends them, secrets already resolved. Structurally what definition's `Auth` becomes. */
export type AuthOptions =
  | { readonly type: 'none' }
  | { readonly type: 'bearer'; readonly token: string }
  | { readonly type: 'api-key'; readonly in: 'header' | 'query'; readonly name: string; readonly key: string; readonly prefix?: string | undefined }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | (ClientOptions & { readonly type: 'oauth2-client-credentials' })
  | (ClientOptions & { readonly type: 'oauth2-refresh-token'; readonly refreshToken: string })
  | AuthorizationCodeOptions
  | JwtOptions
  | SessionTokenOptions;
