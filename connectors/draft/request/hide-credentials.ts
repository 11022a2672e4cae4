import { isJsonObject, type Json, type JsonObject } from '../../../engine/json.ts';
import type { Guess } from '../draft.ts';
import { secretName, secretReference } from '../secret-name.ts';
import type { PastedRequest } from './parse-curl.ts';

/** A request of which everything may be written down. */
export interface SafeRequest {
  readonly auth: Guess<JsonObject>;
  /** Values are references where they may be secret. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly body?: { readonly json: Json } | { readonly form: Readonly<Record<string, string>> };
  /** What the references stand for: for a request of now, never for a file. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What was secret and has no place in a definition. */
  readonly dropped: readonly string[];
}

const SECRET_NAME =
  /^(?:key|sid|sig|pwd)$|(?:api|access|app|private|client)[-_]?key|token|secret|passw|authorization|signature|session|cookie|credential|jwt|csrf|xsrf|(?:^|[-_])auth(?:$|[-_])/i;
/** Of browsers and of curl itself: the client sends its own. */
const OWN_HEADER =
  /^(?:accept|accept-.*|user-agent|host|connection|content-length|content-type|origin|referer|sec-.*|dnt|pragma|cache-control|priority|te|if-.*|upgrade-insecure-requests)$/i;

/** Takes credentials out of a request: whatever is called like one, or looks like one, becomes a reference. */
export function hideCredentials(request: PastedRequest, connector: string): SafeRequest {
  const secrets: Record<string, string> = {};
  const dropped: string[] = [];
  const keep = (what: string, value: string): string => {
    const taken = Object.keys(secrets).filter((name) => name.startsWith(secretName(connector, what))).length;
    const name = secretName(connector, taken === 0 ? what : `${what}_${taken + 1}`);
    secrets[name] = value;
    return secretReference(name);
  };
  const auth = authOf(request, keep);
  const headers = headersOf(request, auth.header, keep);
  const queryAuth = auth.value === undefined ? [...request.url.searchParams].find(([name, value]) => isSecret(name, value)) : undefined;
  const query = [...request.url.searchParams].filter(([name, value]) => {
    const hides = isSecret(name, value);
    if (hides && name !== queryAuth?.[0]) dropped.push(`query parameter ${name}`);
    return !hides;
  });
  const key = queryAuth === undefined ? undefined : { type: 'api-key', in: 'query', name: queryAuth[0], key: keep('KEY', queryAuth[1]) };
  const body = bodyOf(request.body, dropped);
  return {
    auth: {
      value: auth.value ?? key ?? { type: 'none' },
      why: auth.value === undefined && key === undefined ? 'the request has no credentials' : 'as the request has it',
    },
    headers,
    query,
    ...(body === undefined ? {} : { body }),
    secrets,
    dropped,
  };
}

interface FoundAuth {
  readonly value: JsonObject | undefined;
  /** The header that it came from. */
  readonly header: string | undefined;
}

function authOf({ headers, user }: PastedRequest, keep: (what: string, value: string) => string): FoundAuth {
  const [header, value = ''] = headers.find(([name]) => name.toLowerCase() === 'authorization') ?? [];
  const [, scheme = '', credential = ''] = /^(\S+)\s+(.*)$/.exec(value) ?? [];
  if (scheme.toLowerCase() === 'bearer') return { value: { type: 'bearer', token: keep('TOKEN', credential) }, header };
  const basic = user ?? (scheme.toLowerCase() === 'basic' ? userIn(credential) : undefined);
  if (basic !== undefined) return { value: basicAuth(basic, keep), header };
  if (header !== undefined) {
    const prefix = scheme === '' ? {} : { prefix: `${scheme} ` };
    return { value: { type: 'api-key', in: 'header', name: header, ...prefix, key: keep('KEY', scheme === '' ? value : credential) }, header };
  }
  const [name, secret] = headers.find(([each, given]) => each.toLowerCase() !== 'cookie' && !OWN_HEADER.test(each) && isSecret(each, given)) ?? [];
  if (name === undefined || secret === undefined) return { value: undefined, header: undefined };
  return { value: { type: 'api-key', in: 'header', name, key: keep('KEY', secret) }, header: name };
}

/** A secret that is empty is none: a user without a password is written as the header that it makes. */
function basicAuth({ name, password }: NonNullable<PastedRequest['user']>, keep: (what: string, value: string) => string): JsonObject {
  if (name !== '' && password !== '') return { type: 'basic', username: keep('USER', name), password: keep('PASSWORD', password) };
  return { type: 'api-key', in: 'header', name: 'Authorization', prefix: 'Basic ', key: keep('KEY', Buffer.from(`${name}:${password}`).toString('base64')) };
}

function userIn(credential: string): PastedRequest['user'] {
  const [name = '', ...rest] = Buffer.from(credential, 'base64').toString().split(':');
  return rest.length === 0 ? undefined : { name, password: rest.join(':') };
}

function headersOf({ headers }: PastedRequest, used: string | undefined, keep: (what: string, value: string) => string): Readonly<Record<string, string>> {
  const others = headers.filter(([name]) => name !== used && !OWN_HEADER.test(name) && name.toLowerCase() !== 'authorization');
  return Object.fromEntries(
    others.map(([name, value]) => [name, isSecret(name, value) ? keep(name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_'), value) : value]),
  );
}

/** By its name, or by what only a machine would have made up. */
function isSecret(name: string, value: string): boolean {
  if (/^(?:page|next|continuation|sync|start|cursor)[-_]?token$|cursor/i.test(name)) return false;
  return SECRET_NAME.test(name.replaceAll(/([a-z])([A-Z])/g, '$1_$2')) || /^(?=.*\d)(?=.*[A-Za-z])[\w.+/=-]{24,}$/.test(value);
}

function bodyOf(body: PastedRequest['body'], dropped: string[]): PastedRequest['body'] {
  if (body === undefined) return undefined;
  const strip = (value: Json, path: string): Json => {
    if (!isJsonObject(value)) return value;
    const kept = Object.entries(value).filter(([name, inner]) => {
      const hides = typeof inner === 'string' && isSecret(name, inner);
      if (hides) dropped.push(`body field ${path}${name}`);
      return !hides;
    });
    return Object.fromEntries(kept.map(([name, inner]) => [name, strip(inner, `${path}${name}.`)]));
  };
  if ('json' in body) return { json: strip(body.json, '') };
  const form = Object.entries(body.form).filter(([name, value]) => {
    if (isSecret(name, value)) dropped.push(`form field ${name}`);
    return !isSecret(name, value);
  });
  return { form: Object.fromEntries(form) };
}
