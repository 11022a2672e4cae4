import { checkAuthText, checkHeadersText, checkSecretsSet, checkTlsText } from './check-auth.ts';
import type { Page } from './check-expression.ts';
import { checkObjectKinds, checkPlaceText } from './check-kind.ts';
import { checkCost, checkLimits } from './check-limits.ts';
import { checkObject } from './check-objects.ts';
import { checkReferences } from './check-references.ts';
import type { CheckScope } from './check-scope.ts';
import { checkSignIn } from './check-sign-in.ts';
import { checkUrl } from './check-url.ts';
import { checkConnectionWebhooks, isWebhookSecret } from './check-webhooks.ts';
import type { Mistake } from './mistake.ts';
import { type Loaded, UNNAMED } from './parse-definition.ts';
import type { Connection } from './schema/connection.ts';
import type { Connector } from './schema/connector.ts';
import { serves, taskQueueOf } from './served-queues.ts';
import type { Path } from './yaml-file.ts';

/** What only shows when a connection is looked at beside its connector, the chosen profile and the environment. */
export function checkConnection(scope: CheckScope, connection: Loaded<Connection>): Mistake[] {
  const { value, file } = connection;
  const page = { file, environment: scope.environment };
  const profiles = Object.keys(value.profiles ?? {});
  const missing = checkProfile(scope, connection);
  const connector = scope.files.connectors.get(value.connector);
  const kind = connector?.value.kind;
  const accounts: readonly Path[] = [[], ...profiles.map((name) => ['profiles', name])];
  return [
    ...checkConnector(scope, connection),
    ...missing,
    ...accounts.flatMap((path) => [
      ...checkAuthText(page, [...path, 'auth']),
      ...checkHeadersText(page, [...path, 'headers']),
      ...checkLimits(file, path),
      ...checkCost(page, path),
      ...checkTlsText(page, [...path, 'tls']),
      ...checkSignIn(page, [...path, 'auth'], partAt(value, path)?.auth, {
        allowsPlainHttp: allowsPlainHttp(scope, connection),
        hasCertificate: (partAt(value, path)?.tls ?? value.tls)?.certificate !== undefined,
      }),
      ...(connector === undefined ? [] : checkPlaceText(page, path, kind)),
    ]),
    ...(missing.length > 0 ? [] : checkInUse(scope, connection)),
    ...checkConnectionWebhooks(scope, connection),
    ...checkReferences(file, scope.environment, {
      mayHoldSecret: (path) => isAccountPart(path, ['auth', 'headers', 'tls', 'database']) || isWebhookSecret(path),
      isUsed: (path) => path[0] !== 'profiles' || path[1] === scope.profile,
    }),
    ...Object.entries(value.objects ?? {}).flatMap(([name, object]) =>
      checkObject(page, ['objects', name], object, { ...connector?.value.objects, ...value.objects }),
    ),
    ...(connector === undefined ? [] : checkObjectKinds(page, value.objects ?? {}, kind)),
  ];
}

function checkConnector({ files }: CheckScope, { value, file }: Loaded<Connection>): Mistake[] {
  const known = files.present.connectors;
  if (value.connector === UNNAMED || known.includes(value.connector)) return [];
  const orElse = `: there are ${known.join(', ')}, and what you describe in connectors/`;
  return [file.mistake(['connector'], `unknown connector "${value.connector}"`, { meant: { name: value.connector, known, orElse } })];
}

/** A connection without the chosen profile is an error: falling back to another could mean writing to production. */
function checkProfile({ profile }: CheckScope, { value, file }: Loaded<Connection>): Mistake[] {
  if (value.shared === true || file.valueAt(['profiles', profile]) !== undefined) return [];
  const known = Object.keys(value.profiles ?? {});
  const names = known.length === 0 ? 'there are no profiles' : `there is no profile "${profile}", only ${known.join(', ')}`;
  return [file.mistake(['profiles'], `${names}: add "${profile}", or "shared: true" where the account is the same in all profiles`, { at: 'key' })];
}

/** Address and credentials as a run on this profile would have them. */
function checkInUse(scope: CheckScope, connection: Loaded<Connection>): Mistake[] {
  const { value, file } = connection;
  const connector = scope.files.connectors.get(value.connector);
  const pages: readonly { readonly page: Page; readonly path: Path }[] = [
    { page: { file, environment: scope.environment }, path: ['profiles', scope.profile] },
    { page: { file, environment: scope.environment }, path: [] },
    ...(connector === undefined ? [] : [{ page: { file: connector.file, environment: scope.environment }, path: [] }]),
  ];
  const winner = (key: string): Winner | undefined => pages.find(({ page, path }) => page.file.valueAt([...path, key]) !== undefined);
  const auth = winner('auth');
  const tls = winner('tls');
  const kind = connector?.value.kind;
  if (kind !== undefined) return checkPlaceInUse(kind, connection, winner('database'), serves(scope.served, taskQueueOf(value, scope.profile)));
  const address = winner('baseUrl');
  const isServed = serves(scope.served, taskQueueOf(value, scope.profile));
  return [
    ...(auth === undefined ? [] : checkSecretsSet(auth.page, [...auth.path, 'auth'], isServed)),
    ...(tls === undefined ? [] : checkSecretsSet(tls.page, [...tls.path, 'tls'], isServed)),
    ...pages.flatMap(({ page, path }) => checkSecretsSet(page, [...path, 'headers'], isServed)),
    ...(address === undefined
      ? missingAddress(connection, connector)
      : checkUrl(address.page, [...address.path, 'baseUrl'], allowsPlainHttp(scope, connection), false)),
  ];
}

interface Winner {
  readonly page: Page;
  readonly path: Path;
}

/** Where a database is, on the chosen profile. */
function checkPlaceInUse(kind: NonNullable<Connector['kind']>, { file }: Loaded<Connection>, place: Winner | undefined, isServed: boolean): Mistake[] {
  if (kind === 'files') return [];
  if (place !== undefined) return checkSecretsSet(place.page, place.path, isServed, ['database']);
  const message =
    kind === 'postgres'
      ? 'is required: the secret that holds the URL of the database, such as ${secret:WAREHOUSE_URL}'
      : 'is required: the file of the database';
  return [file.mistake(['database'], message)];
}

function missingAddress({ value, file }: Loaded<Connection>, connector: Loaded<Connector> | undefined): Mistake[] {
  return connector === undefined ? [] : [file.mistake(['baseUrl'], `is required: the connector ${value.connector} has none of its own`)];
}

function allowsPlainHttp({ profile }: CheckScope, { value }: Loaded<Connection>): boolean {
  const chosen = Object.hasOwn(value.profiles ?? {}, profile) ? value.profiles?.[profile] : undefined;
  return chosen?.allowPlainHttp ?? value.allowPlainHttp ?? false;
}

/** The connection itself, or one of its profiles. */
function partAt(connection: Connection, [, profile]: Path): Pick<Connection, 'auth' | 'tls'> | undefined {
  return profile === undefined ? connection : connection.profiles?.[String(profile)];
}

/** `auth.token`, `profiles.dev.headers.X`: below one of these keys of an account. */
function isAccountPart(path: Path, keys: readonly string[]): boolean {
  return keys.some((key) => path[0] === key || (path[0] === 'profiles' && path[2] === key));
}
