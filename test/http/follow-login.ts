import assert from 'node:assert/strict';
import { request } from 'undici';

const MOST_PAGES = 12;

export interface Visitor {
  readonly cookies: Map<string, string>;
}

/**
 * What a person does in a browser: follows the pages of an authorization server, signs in, consents, until it leads away from the server.
 * @returns where it leads then, or the last page
 */
export async function followLogin(from: string, person = 'anna', visitor: Visitor = { cookies: new Map() }): Promise<URL> {
  const server = new URL(from).origin;
  let url = new URL(from);
  let form: URLSearchParams | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const { status, location, page } = await ask(url, form, visitor);
    form = undefined;
    if (location !== undefined) {
      url = new URL(location, url);
      if (url.origin !== server) return url;
      continue;
    }
    assert.equal(status, 200, page);
    // The first form is the one that goes on; others cancel.
    const [, attributes, inside = ''] = /<form([^>]*)>([\s\S]*?)<\/form>/.exec(page) ?? [];
    if (attributes === undefined) return url;
    const hidden = [...inside.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([input]) => [attribute(input, 'name'), attribute(input, 'value')]);
    const signIn = inside.includes('name="login"') ? { login: person, password: 'any' } : {};
    form = new URLSearchParams({ ...Object.fromEntries(hidden), ...signIn });
    const action = attribute(attributes, 'action');
    url = new URL(action, url);
  }
  return assert.fail('the pages do not end');
}

async function ask(url: URL, form: URLSearchParams | undefined, { cookies }: Visitor) {
  const headers: Record<string, string> = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '), accept: 'text/html' };
  const answer = await request(url, {
    method: form === undefined ? 'GET' : 'POST',
    headers: form === undefined ? headers : { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: form?.toString() ?? null,
  });
  for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    if (value === '') cookies.delete(name);
    else cookies.set(name, value);
  }
  const location = answer.headers['location'];
  return { status: answer.statusCode, location: typeof location === 'string' ? location : undefined, page: await answer.body.text() };
}

function attribute(input: string, name: string): string {
  return new RegExp(`${name}="([^"]*)"`).exec(input)?.[1] ?? '';
}
