import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { SyncError } from '../engine/errors.ts';

const NO_FILE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/** Where secrets and settings come from: the process's environment, then the project's `.env`, then files in SYNCLINE_SECRETS_DIR. */
export interface Environment {
  /** A plain setting. */
  readonly setting: (name: string) => string | undefined;
  /** A secret; files are looked at too. An empty one counts as none. @throws SyncError SECRET_MISSING where its file is there and cannot be read */
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
      const fromFolder = secretsDirectory === undefined ? undefined : readSecret(name, join(secretsDirectory, name))?.trimEnd();
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

/** One that is there and is kept from us is not one that nobody has set: with `SYNCLINE_LEDGER` that would be another ledger, which knows nothing of what was written. */
function readSecret(name: string, path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (NO_FILE.has(code)) return undefined;
    const message = `The secret ${name} cannot be read from ${path} (${code}): it must be a file that the user of this process may read.`;
    throw new SyncError({ code: 'SECRET_MISSING', retry: 'never', message, cause });
  }
}
