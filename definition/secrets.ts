import { SyncError } from '../engine/errors.ts';
import { isJsonObject, type Json } from '../engine/json.ts';
import type { Environment } from './environment.ts';

const SECRET = /\$\{secret:([A-Za-z_][A-Za-z0-9_]*)\}/g;
const SETTING = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** Names of the secrets that a value refers to, anywhere in it. */
export function secretNames(value: Json): readonly string[] {
  const names: string[] = [];
  eachText(value, (text) => names.push(...[...text.matchAll(SECRET)].map((match) => match[1] ?? '')));
  return names;
}

/** Names of plain settings (`${env:NAME}`) that a value refers to and that have neither value nor default. */
export function missingSettings(value: Json, environment: Environment): readonly string[] {
  const names: string[] = [];
  eachText(value, (text) => {
    for (const [, name = '', fallback] of text.matchAll(SETTING)) if (environment.setting(name) === undefined && fallback === undefined) names.push(name);
  });
  return names;
}

export function hasSettings(value: Json): boolean {
  let found = false;
  eachText(value, (text) => {
    found ||= text.search(SETTING) >= 0;
  });
  return found;
}

/** Puts plain settings in the place of `${env:NAME:-default}`; secret references stay. */
export function resolveSettings<Value extends Json>(value: Value, environment: Environment): Json {
  return mapText(value, (text) => text.replaceAll(SETTING, (_, name: string, fallback: string | undefined) => environment.setting(name) ?? fallback ?? ''));
}

/** Puts secrets in the place of their references, in the process that makes the request. @throws SyncError SECRET_MISSING */
export function resolveSecrets(value: Json, environment: Environment): Json {
  return mapText(value, (text) =>
    text.replaceAll(SECRET, (_, name: string) => {
      const secret = environment.secret(name);
      if (secret !== undefined) return secret;
      throw new SyncError({ code: 'SECRET_MISSING', retry: 'never', message: `The secret ${name} is not set: put it into the environment, into .env, or into a file in SYNCLINE_SECRETS_DIR.` });
    }),
  );
}

function mapText(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item: Json) => mapText(item, change));
  if (isJsonObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapText(item, change)]));
  return value;
}

function eachText(value: Json, look: (text: string) => void): void {
  mapText(value, (text) => {
    look(text);
    return text;
  });
}
