import type { IncomingMessage } from 'node:http';
import type { TestContext } from 'node:test';
import { json, serve } from '../http/local-server.ts';
import type { SmallApi } from '../support/small-api.ts';

/** Characters that are written otherwise in a URL, in JSON and in base64, and that a header may hold. */
const tokenNamed = (number: number) => `zq+7/K=access-${number}-5e1f9c3d`;
const refreshNamed = (number: number) => `zq+7/K=&"ü%\\rotated-${number}-4e6f0a2b`;

/** A token endpoint beside a small API that takes its tokens only, each for so many requests; refresh tokens are rotated. */
export class TokenApi {
  url = '';
  /** All that it gave out or was sent, the configured ones not counted. */
  readonly given: string[] = [];
  /** While set, it refuses who asks, and repeats what it was sent. */
  refuses = false;
  #count = 0;
  #uses = 0;

  static async start(context: TestContext, api: SmallApi, usesOfOne: number): Promise<TokenApi> {
    const tokens = new TokenApi();
    const server = await serve(context, ({ body, headers }, response) => {
      const echo = `${headers.authorization ?? ''} ${body} ${decodeURIComponent(body)} ${tokens.given.slice(-2).join(' ')}`;
      const form = new URLSearchParams(body);
      tokens.given.push(...['assertion', 'client_assertion'].flatMap((name) => form.get(name) ?? []));
      if (tokens.refuses) return json(response, { error: 'invalid_grant', error_description: `not known here: ${echo}` }, 400);
      json(response, tokens.#next());
    });
    tokens.url = `${server.url}/oauth/token`;
    api.admit = (request) => tokens.#admit(request, usesOfOne);
    return tokens;
  }

  /** The access token in use. */
  get current(): string {
    return tokenNamed(this.#count);
  }

  #next(): Readonly<Record<string, unknown>> {
    this.#count += 1;
    this.#uses = 0;
    this.given.push(tokenNamed(this.#count), refreshNamed(this.#count));
    return { access_token: tokenNamed(this.#count), expires_in: 3_600, token_type: 'bearer', refresh_token: refreshNamed(this.#count) };
  }

  #admit({ headers }: IncomingMessage, usesOfOne: number): { readonly status: number; readonly body: unknown } | undefined {
    this.#uses += 1;
    if (!this.refuses && headers.authorization === `Bearer ${this.current}` && this.#uses <= usesOfOne) return undefined;
    return { status: 401, body: { message: `${headers.authorization ?? 'nothing'} is no longer good, after ${this.given.slice(-2).join(' ')}` } };
  }
}
