import { SyncError } from '../engine/errors.ts';
import { isJsonObject, type Json } from '../engine/json.ts';
import type { Environment } from './environment.ts';

const SECRET = /\$\{secret:([A-Za-z_][A-Za-z0-9_]*)\}/g;
const SETTING = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** Where a secret can be put, for messages. */
export const SECRET_PLACES = 'the environment, .env, or a file in SYNCLINE_SECRETS_DIR';

/** Names of the secrets that a value refers to, anywhere in it. */
export function secretNames(value: Json): readonly string[] {
  return textsOf(value).flatMap((text) => [...text.matchAll(SECRET)].map(([, name = '']) => name));
}

/** Names of plain settings (`${env:NAME}`) that a value refers to. */
export function settingNames(value: Json): readonly string[] {
  return textsOf(value).flatMap((text) => [...text.matchAll(SETTING)].map(([, name = '']) => name));
}

/** Names of plain settings that a value refers to and that have neither value nor default. */
export function missingSettings(value: Json, environment: Environment): readonly string[] {
  return textsOf(value).flatMap((text) =>
    [...text.matchAll(SETTING)].flatMap(([, name = '', fallback]) => (environment.setting(name) === undefined && fallback === undefined ? [name] : [])),
  );
}

/** Puts plain settings in the place of `${env:NAME:-default}`; secret references stay. */
export function resolveSettings(value: Json, environment: Environment): Json {
  return mapText(value, (text) => resolveText(text, environment));
}

/** A text with its settings, and without the secrets it refers to: to look at its form. */
export function withoutReferences(text: string, environment: Environment): string {
  return resolveText(text, environment).replaceAll(/\$\{(?:secret|env):[^}]*\}/g, '');
}

/** Puts secrets in the place of their references, in the process that makes the request. @throws SyncError SECRET_MISSING */
export function resolveSecrets(value: Json, environment: Environment): Json {
  return mapText(value, (text) =>
    text.replaceAll(SECRET, (_, name: string) => {
      const secret = environment.secret(name);
      if (secret !== undefined) return secret;
      throw new SyncError({ code: 'SECRET_MISSING', retry: 'never', message: `The secret ${name} is not set: put it into ${SECRET_PLACES}.` });
    }),
  );
}

/** The values of the secrets that a value refers to, as far as they are set: for the redactor. */
export function secretValues(value: Json, environment: Environment): readonly string[] {
  return [...new Set(secretNames(value).flatMap((name) => environment.secret(name) ?? []))];
}

/** The same of a text. */
export function resolveText(text: string, environment: Environment): string {
  return text.replaceAll(SETTING, (_, name: string, fallback: string | undefined) => environment.setting(name) ?? fallback ?? '');
}

function mapText(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item: Json) => mapText(item, change));
  if (isJsonObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapText(item, change)]));
  return value;
}

function textsOf(value: Json): readonly string[] {
  const texts: string[] = [];
  mapText(value, (text) => {
    texts.push(text);
    return text;
  });
  return texts;
}
