import type { Json } from '../../engine/json.ts';
import type { AnswerFormat } from '../../engine/text-format.ts';
import type { LifetimePlaces } from './token-places.ts';

/** How the texts are signed that prove who asks. */
export interface SigningOptions {
  readonly algorithm: string;
  /** PEM, a JSON Web Key, or the JSON key file of a Google service account; of HS… the shared secret. */
  readonly key: string;
  readonly keyId?: string | undefined;
  /** Of HS…: how the secret is written. @default text */
  readonly keyEncoding?: 'text' | 'base64' | 'hex' | 'to-base64' | undefined;
  readonly passphrase?: string | undefined;
}

/** The answer with a token names the account's own address. */
export interface BaseUrlFrom {
  readonly answer: string;
  readonly hosts: readonly string[];
}

/** Where a token stands in each request. */
export interface TokenPlace {
  readonly in: 'header' | 'cookie' | 'query' | 'body';
  readonly name: string;
  /** @default "Bearer " in the header Authorization, else nothing */
  readonly prefix?: string | undefined;
}

/** How a token is asked for, where it is not as RFC 6749 has it. */
export interface TokenRequest {
  readonly in: 'body' | 'query';
  readonly format: 'form' | 'json';
  /** By the names of RFC 6749. */
  readonly names?: Readonly<Record<string, string>> | undefined;
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Expressions over `{ status, headers, cookies, body }` of the answer with a token; `lifetime` is a duration as written. */
export interface TokenAnswerPlaces extends LifetimePlaces {
  readonly from?: string | undefined;
  readonly refreshToken?: string | undefined;
  /** The grant is dead. */
  readonly refused?: string | undefined;
}

/** How an API exchanges tokens, where it has ways of its own. */
export interface ExchangeOptions {
  readonly tokenRequest?: TokenRequest | undefined;
  readonly token?: TokenAnswerPlaces | undefined;
}

/** Whoever asks for tokens in a client's name. */
export interface ClientOptions extends ExchangeOptions {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly clientAssertion?: (SigningOptions & { readonly audience?: string | undefined }) | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly clientIn: 'body' | 'header';
  readonly baseUrlFrom?: BaseUrlFrom | undefined;
  /** @default as a bearer token */
  readonly send?: TokenPlace | undefined;
}

export interface AuthorizationCodeOptions extends ClientOptions {
  readonly type: 'oauth2-authorization-code';
  readonly authorizeUrl: string;
  readonly redirectUri?: string | undefined;
  readonly authorizeParameters?: Readonly<Record<string, string>> | undefined;
  readonly deviceUrl?: string | undefined;
  readonly revokeUrl?: string | undefined;
}

export interface JwtOptions extends SigningOptions, ExchangeOptions {
  readonly type: 'jwt';
  readonly send: 'assertion' | 'bearer' | TokenPlace;
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
  /** How its answer is written. */
  readonly as?: 'json' | AnswerFormat | undefined;
}

export interface SessionTokenOptions {
  readonly type: 'session-token';
  readonly credentials: Readonly<Record<string, string>>;
  readonly login: SessionRequest;
  /** Expressions over `{ status, headers, cookies, body }` of the answer. */
  readonly token: LifetimePlaces & { readonly from: string };
  readonly send: TokenPlace;
  readonly renewOn: readonly number[];
  readonly logout?: SessionRequest | undefined;
}

export interface SignatureOptions {
  readonly type: 'signature';
  readonly credentials: Readonly<Record<string, string>>;
  /** Templates over the credentials and the request. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A credential that is at hand. */
export type PlainAuthOptions =
  | { readonly type: 'bearer'; readonly token: string }
  | { readonly type: 'api-key'; readonly in: 'header' | 'query' | 'body'; readonly name: string; readonly key: string; readonly prefix?: string | undefined }
  | { readonly type: 'basic'; readonly username: string; readonly password: string };

/** How requests prove who sends them, secrets already resolved. Structurally what definition's `Auth` becomes. */
export type AuthOptions =
  | { readonly type: 'none' }
  | PlainAuthOptions
  /** Several for one account: each has the limits for itself. */
  | { readonly type: 'in-turn'; readonly of: readonly PlainAuthOptions[] }
  | (ClientOptions & { readonly type: 'oauth2-client-credentials' })
  | (ClientOptions & { readonly type: 'oauth2-refresh-token'; readonly refreshToken: string })
  | AuthorizationCodeOptions
  | JwtOptions
  | SessionTokenOptions
  | SignatureOptions;
