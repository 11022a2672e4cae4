import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';

/** Where secrets and settings come from: the process's environment, then the project's `.env`, then files in SYNCLINE_SECRETS_DIR. */
export interface Environment {
  /** A plain setting. */
  readonly setting: (name: string) => string | undefined;
  /** A secret; files are looked at too. An empty one counts as none. */
  readonly secret: (name: string) => string | undefined;
}

/** @param env the process's environment: it goes before `.env` */
export function loadEnvironment(directory: string, env: Readonly<Record<string, string | undefined>>): Environment {
  const fromFile = parseEnv(read(join(directory, '.env')) ?? '');
  const setting = (name: string) => own(env, name) ?? own(fromFile, name);
  const folder = setting('SYNCLINE_SECRETS_DIR');
  const secretsDirectory = folder === undefined || folder === '' ? undefined : resolve(directory, folder);
  return {
    setting,
    secret: (name) => {
      const value = setting(name);
      if (value !== undefined && value !== '') return value;
      const fromFolder = secretsDirectory === undefined ? undefined : read(join(secretsDirectory, name))?.trimEnd();
      return fromFolder === '' ? undefined : fromFolder;
    },
  };
}

function own(values: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // no such file
  }
}
