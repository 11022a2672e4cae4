import type { Json } from '../engine/json.ts';
import { didYouMean } from '../engine/suggest.ts';
import { checkObjects } from './check-objects.ts';
import type { Environment } from './environment.ts';
import type { Mistake } from './mistake.ts';
import type { Loaded, ProjectFiles } from './project-files.ts';
import type { Auth } from './schema/auth.ts';
import type { Connection } from './schema/connection.ts';
import { hasSettings, missingSettings, secretNames } from './secrets.ts';

const SECRET_FIELDS = ['token', 'key', 'password', 'clientSecret', 'refreshToken'] as const;

/** What only shows when a connection is looked at beside its connector, the chosen profile and the environment. */
export function checkConnection(files: ProjectFiles, connection: Loaded<Connection>, profile: string, environment: Environment): Mistake[] {
  const { value, file } = connection;
  const mistakes: Mistake[] = [];
  const connector = files.connectors.get(value.connector);
  if (connector === undefined && !files.present.connectors.includes(value.connector)) {
    mistakes.push(file.mistake(['connector'], `unknown connector "${value.connector}"${didYouMean(value.connector, files.connectors.keys())}`));
  }
  const chosen = value.profiles?.[profile];
  if (value.profiles !== undefined && chosen === undefined && value.shared !== true) {
    mistakes.push(file.mistake(['profiles'], `has no profile "${profile}", only ${Object.keys(value.profiles).join(', ')}: add it, or say "shared: true"`, 'key'));
  }
  mistakes.push(...checkAuth(connection, ['auth'], value.auth, environment));
  if (chosen !== undefined) mistakes.push(...checkAuth(connection, ['profiles', profile, 'auth'], chosen.auth, environment));
  const baseUrl = chosen?.baseUrl ?? value.baseUrl ?? connector?.value.baseUrl;
  if (baseUrl === undefined && connector !== undefined) mistakes.push(file.mistake(['baseUrl'], `baseUrl is required: connector ${value.connector} has none`));
  for (const name of missingSettings(toJson(chosen ?? {}), environment)) mistakes.push(file.mistake(['profiles', profile], `the setting ${name} is not set`, 'key'));
  for (const [name, object] of Object.entries(value.objects ?? {})) mistakes.push(...checkObjects(file, ['objects', name], object));
  return mistakes;
}

function checkAuth({ file }: Loaded<Connection>, path: readonly string[], auth: Auth | undefined, environment: Environment): Mistake[] {
  if (auth === undefined) return [];
  const mistakes: Mistake[] = [];
  if (hasSettings(toJson(auth))) mistakes.push(file.mistake(path, 'settings (${env:…}) are not allowed in auth: use ${secret:…}'));
  for (const [field, text] of Object.entries(auth)) {
    const isSecret = SECRET_FIELDS.some((name) => name === field) && auth.type !== 'none';
    if (isSecret && typeof text === 'string' && secretNames(text).length === 0) mistakes.push(file.mistake([...path, field], 'a secret must not stand in a file: write ${secret:NAME}, and put its value into .env'));
    for (const name of typeof text === 'string' ? secretNames(text) : []) {
      if (environment.secret(name) !== undefined) continue;
      mistakes.push(file.mistake([...path, field], `the secret ${name} is not set: put it into the environment, .env, or a file in SYNCLINE_SECRETS_DIR`, 'value', { kind: 'secret' }));
    }
  }
  return mistakes;
}

function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
