import { parseArgs } from 'node:util';
import { split } from 'shlex';
import { SyncError } from '../../../engine/errors.ts';
import type { Json } from '../../../engine/json.ts';

/** A request as a person pasted it: with its secrets. */
export interface PastedRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query, without user and fragment. */
  readonly url: URL;
  /** As written. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly user?: { readonly name: string; readonly password: string };
  readonly body?: { readonly json: Json } | { readonly form: Readonly<Record<string, string>> };
}

const text = { type: 'string', multiple: true } as const;
/** Of curl's options those that say what is asked for; of the others those with a value, so that it is not taken for the address. */
const OPTIONS = {
  request: { ...text, short: 'X' },
  header: { ...text, short: 'H' },
  user: { ...text, short: 'u' },
  cookie: { ...text, short: 'b' },
  'user-agent': { ...text, short: 'A' },
  referer: { ...text, short: 'e' },
  'oauth2-bearer': text,
  url: text,
  data: { ...text, short: 'd' },
  'data-raw': text,
  'data-ascii': text,
  'data-binary': text,
  'data-urlencode': text,
  'url-query': text,
  json: text,
  form: { ...text, short: 'F' },
  get: { type: 'boolean', short: 'G' },
  head: { type: 'boolean', short: 'I' },
  output: { ...text, short: 'o' },
  'max-time': { ...text, short: 'm' },
  'connect-timeout': text,
  proxy: { ...text, short: 'x' },
  cacert: text,
  cert: { ...text, short: 'E' },
  key: text,
  retry: text,
  'write-out': { ...text, short: 'w' },
  resolve: text,
  'cookie-jar': { ...text, short: 'c' },
  'dump-header': { ...text, short: 'D' },
} as const;
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/**
 * Reads a `curl` command as browsers and documentation write it. Runs nothing: variables of a shell stay as they are written.
 * @throws SyncError DEFINITION_INVALID; its message repeats nothing of the command, which may hold secrets
 */
export function parseCurl(command: string): PastedRequest {
  const [program, ...words] = wordsOf(command);
  if (program !== 'curl') throw refused('it does not begin with "curl"');
  const { values, positionals } = parseArgs({ args: words, options: OPTIONS, strict: false, allowPositionals: true });
  const listed = (name: keyof typeof OPTIONS): readonly string[] => [values[name] ?? []].flat().filter((value) => typeof value === 'string');
  const address = listed('url')[0] ?? positionals.find((word) => /^[a-z]+:\/\//i.test(word)) ?? positionals[0];
  if (address === undefined) throw refused('it has no address');
  const url = parseAddress(address);
  const headers = listed('header').flatMap(headerOf);
  const cookies = listed('cookie').filter((cookie) => cookie.includes('='));
  for (const cookie of cookies) headers.push(['Cookie', cookie]);
  for (const token of listed('oauth2-bearer')) headers.push(['Authorization', `Bearer ${token}`]);
  const given = [...listed('data'), ...listed('data-raw'), ...listed('data-ascii'), ...listed('data-binary'), ...listed('json')];
  const encoded = listed('data-urlencode').map(urlEncoded);
  if ([...given, ...listed('form')].some((part) => part.startsWith('@'))) throw refused('it sends a file');
  const isQuery = values['get'] === true;
  for (const part of [...listed('url-query').map(urlEncoded), ...(isQuery ? [...given, ...encoded] : [])]) addQuery(url, part);
  const body = isQuery ? undefined : bodyOf([...given, ...encoded], listed('form'));
  const asked = listed('request')[0]?.toUpperCase() ?? (body === undefined ? 'GET' : 'POST');
  const method = METHODS.find((known) => known === asked);
  if (method === undefined) throw refused('its method is none of GET, POST, PUT, PATCH and DELETE');
  const user = userOf(url, listed('user')[0]);
  for (const part of ['username', 'password', 'hash'] as const) url[part] = '';
  return { method, url, headers, ...(user === undefined ? {} : { user }), ...(body === undefined ? {} : { body }) };
}

function wordsOf(command: string): readonly string[] {
  try {
    return split(
      command
        .trim()
        .replaceAll(/\\\r?\n/g, ' ')
        .replace(/^\$\s+/, ''),
    );
  } catch (cause) {
    throw refused('a quote in it does not end', cause);
  }
}

function parseAddress(address: string): URL {
  const whole = /^[a-z]+:\/\//i.test(address) ? address : `https://${address}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw refused('its address is none of HTTP');
  return url;
}

function headerOf(header: string): [string, string][] {
  const [, name = '', value = ''] = /^([^:;\s]+):\s*(.*)$/s.exec(header) ?? [];
  return name === '' || value === '' ? [] : [[name, value]];
}

function userOf({ username, password }: URL, option: string | undefined): PastedRequest['user'] {
  if (option !== undefined) {
    const [name = '', ...rest] = option.split(':');
    return { name, password: rest.join(':') };
  }
  return username === '' ? undefined : { name: decodeURIComponent(username), password: decodeURIComponent(password) };
}

/** `name=value to be encoded` */
function urlEncoded(part: string): string {
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(part) ?? ['', '', part];
  return name === '' ? encodeURIComponent(value) : `${name}=${encodeURIComponent(value)}`;
}

function addQuery(url: URL, part: string): void {
  for (const [name, value] of new URLSearchParams(part)) url.searchParams.append(name, value);
}

function bodyOf(parts: readonly string[], fields: readonly string[]): PastedRequest['body'] {
  if (fields.length > 0) throw refused('it sends a form of several parts, which is not known here');
  if (parts.length === 0) return undefined;
  const whole = parts.join('&');
  try {
    return { json: JSON.parse(whole) };
  } catch {
    return { form: Object.fromEntries(new URLSearchParams(whole)) };
  }
}

function refused(why: string, cause?: unknown): SyncError {
  return new SyncError({
    code: 'DEFINITION_INVALID',
    retry: 'never',
    message: `The curl command cannot be used: ${why}. Paste it whole, in single quotes.`,
    cause,
  });
}
