import type { TestContext } from 'node:test';
import { isJsonObject, type JsonObject } from '../../engine/json.ts';
import type { TokenStore } from '../../http/http-client.ts';
import { json, type LocalServer, serve } from './local-server.ts';

/** Of `serveTokens`. */
export const REFRESH_AUTH = {
  type: 'oauth2-refresh-token',
  tokenUrl: '/oauth/token',
  clientId: 'id',
  clientSecret: 'client-secret',
  refreshToken: 'refresh-0',
  clientIn: 'body',
} as const;

export interface TokenServer extends LocalServer {
  /** Access tokens that the API accepts. */
  readonly accepted: Set<string>;
  /** The only refresh token that works now. */
  refreshToken: string;
  /** Forms of the token requests. */
  readonly asked: URLSearchParams[];
  /** How token requests are answered; undefined: with a new token. */
  refusal: { readonly status: number; readonly body: unknown } | undefined;
  expiresIn: unknown;
  /** Of the token's answer. */
  more: Readonly<Record<string, unknown>>;
  /** The refresh token does not rotate. */
  keepsRefreshToken: boolean;
  /** By so much a 401 comes late. */
  lateMs: number;
}

/** An API at `/contacts` with a token endpoint at `/oauth/token` that rotates refresh tokens. */
export async function serveTokens(context: TestContext): Promise<TokenServer> {
  const state: Omit<TokenServer, keyof LocalServer> = {
    accepted: new Set<string>(),
    refreshToken: 'refresh-0',
    asked: [],
    refusal: undefined,
    expiresIn: 3_600,
    more: {},
    keepsRefreshToken: false,
    lateMs: 0,
  };
  const server = await serve(context, async ({ url, body, headers }, response) => {
    if (url !== '/oauth/token') {
      const token = headers.authorization?.replace('Bearer ', '') ?? '';
      if (state.accepted.has(token)) return json(response, { ok: true });
      await new Promise((resolve) => setTimeout(resolve, state.lateMs));
      return json(response, { message: 'token expired' }, 401);
    }
    const form = new URLSearchParams(body);
    state.asked.push(form);
    // Long enough for others to ask at the same time, if they do.
    await new Promise((resolve) => setTimeout(resolve, 30));
    if (state.refusal !== undefined) return json(response, state.refusal.body, state.refusal.status);
    const isRefresh = form.get('grant_type') === 'refresh_token';
    if (isRefresh && form.get('refresh_token') !== state.refreshToken)
      return json(response, { error: 'invalid_grant', error_description: `${form.get('refresh_token')} was used` }, 400);
    const number = state.asked.length;
    if (isRefresh && !state.keepsRefreshToken) state.refreshToken = `refresh-${number}`;
    state.accepted.add(`access-${number}`);
    json(response, {
      access_token: `access-${number}`,
      expires_in: state.expiresIn,
      token_type: 'bearer',
      ...(isRefresh ? { refresh_token: state.refreshToken } : {}),
      ...state.more,
    });
  });
  return Object.assign(state, server);
}

/** A token store in memory, whose lock lets one in at a time. */
export function memoryTokens(): TokenStore & { readonly saved: JsonObject[]; failNextSave: boolean } {
  const held = new Map<string, JsonObject>();
  const saved: JsonObject[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const store = {
    saved,
    failNextSave: false,
    readCredential: async (account: string, name: string) => held.get(`${account} ${name}`),
    saveCredential: async (account: string, name: string, value: JsonObject) => {
      if (store.failNextSave) {
        store.failNextSave = false;
        throw new Error('disk full');
      }
      const copy: unknown = JSON.parse(JSON.stringify(value));
      if (!isJsonObject(copy)) throw new Error('not an object');
      held.set(`${account} ${name}`, copy);
      saved.push(copy);
    },
    withCredentialLock: <Result>(_account: string, work: () => Promise<Result>): Promise<Result> => {
      const turn = last.then(work);
      last = turn.catch(() => undefined);
      return turn;
    },
  };
  return store;
}
