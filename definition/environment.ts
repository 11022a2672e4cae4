import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** Where secrets and settings come from: the process's environment, then the project's `.env`, then files in SYNCLINE_SECRETS_DIR. */
export interface Environment {
  /** A plain setting. */
  readonly setting: (name: string) => string | undefined;
  /** A secret; files are looked at too. */
  readonly secret: (name: string) => string | undefined;
}

export function loadEnvironment(directory: string, env: Readonly<Record<string, string | undefined>>): Environment {
  const file = join(directory, '.env');
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const setting = (name: string) => env[name] ?? fromFile[name];
  const secretsDirectory = setting('SYNCLINE_SECRETS_DIR');
  return {
    setting,
    secret: (name) => {
      const value = setting(name);
      if (value !== undefined && value !== '') return value;
      const path = secretsDirectory === undefined ? undefined : join(secretsDirectory, name);
      return path !== undefined && existsSync(path) ? readFileSync(path, 'utf8').trimEnd() : undefined;
    },
  };
}
