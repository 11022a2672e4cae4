import { createHash } from 'node:crypto';
import type { ResolvedConnection } from '../definition/resolved.ts';
import { authSchema } from '../definition/schema/auth.ts';
import { canonicalJson } from '../engine/content-hash.ts';
import { parseDuration } from '../engine/duration.ts';
import type { Json } from '../engine/json.ts';
import type { AuthOptions, HttpClient, HttpClientOptions, HttpSight, TokenStore } from '../http/http-client.ts';
import { openHttpClient } from '../http/open-http-client.ts';
import { weightOf } from '../http/priority.ts';
import type { SharedBudget } from '../http/shared-budget.ts';
import { compileErrorRules } from './error-rules.ts';
import { openConnection } from './open-connection.ts';
import { openStores } from './open-stores.ts';
import type { Connections, OpenConnection } from './ports.ts';
import { compileReadCost } from './read-cost.ts';
import { readTls } from './read-tls.ts';

export interface ConnectionsOptions {
  /** Puts secrets in the place of their references. @throws SyncError SECRET_MISSING */
  readonly resolveSecrets: (value: Json) => Json;
  /** The project's folder, from where certificates, files and the files of databases are read. @default the current one */
  readonly directory?: string;
  /** Where rotated tokens are kept. */
  readonly tokens?: TokenStore;
  /** Where the limits of an account are divided with other processes; absent: this one has them alone. */
  readonly sharedBudget?: SharedBudget;
  /** Told what looks wrong at an API and stops nothing: announced deprecations, answers that are not quite what the connector says. */
  readonly onWarning?: (connection: string, message: string) => void;
  /** Told what the clients do, for metrics and traces. */
  readonly sight?: HttpSight;
}

/** A client and what is open on it; both by what they were made from. */
interface Account {
  readonly client: HttpClient;
  readonly connections: Map<string, OpenConnection>;
}

/**
 * The open connections of this process; see `Connections`. One client, and with it one limiter and one token, for each account; a run that was frozen with an earlier address or
 * credential keeps a client of its own until all are closed. Changed objects alone change no client.
 */
export function openConnections(options: ConnectionsOptions): Connections {
  const accounts = new Map<string, Account>();
  const stores = openStores(options);
  return {
    open: (account, connection, party) => {
      if (connection.kind !== undefined) return stores.open(account, connection);
      const transport = transportOf(connection, options);
      const accountKey = `${account} ${fingerprint(transport)}`;
      const known = accounts.get(accountKey) ?? { client: openClient(options, account, connection, transport), connections: new Map() };
      accounts.set(accountKey, known);
      const connectionKey = canonicalJson(plain([connection, party ?? null]));
      const client = party === undefined ? known.client : known.client.forParty({ name: party.name, weight: weightOf(party.priority) });
      const opened =
        known.connections.get(connectionKey) ??
        openConnection(client, connection, {
          onWarning: (message) => options.onWarning?.(connection.name, message),
          directory: options.directory ?? process.cwd(),
        });
      known.connections.set(connectionKey, opened);
      return opened;
    },
    close: async () => {
      const open = [...accounts.values()];
      accounts.clear();
      await Promise.all([...open.map(({ client }) => client.close()), stores.close()]);
    },
  };
}

export type Transport = Pick<HttpClientOptions, 'name' | 'baseUrl' | 'tls' | 'headers' | 'limits' | 'timeouts' | 'maxAnswerBytes' | 'allowPlainHttp'> & {
  readonly auth: AuthOptions;
  readonly errors: ResolvedConnection['errors'];
  readonly cost: ResolvedConnection['limits']['cost'];
};

/** All that a client is made from, secrets resolved: one that was rotated makes another client. */
export function transportOf(connection: ResolvedConnection, { resolveSecrets, directory }: ConnectionsOptions): Transport {
  const { name, baseUrl, timeouts, maxAnswerBytes, allowPlainHttp, errors } = connection;
  const { cost, quota, ...limits } = connection.limits;
  const headers = Object.entries(connection.headers).map(([header, value]) => [header.toLowerCase(), String(resolveSecrets(value))] as const);
  return {
    name,
    baseUrl,
    auth: authSchema.parse(resolveSecrets(plain(connection.auth))),
    ...(connection.tls === undefined ? {} : { tls: readTls(connection.name, connection.tls, resolveSecrets, directory) }),
    headers: Object.fromEntries(headers),
    limits: {
      ...limits,
      requests: limits.requests?.map(windowOf),
      endpoints: limits.endpoints?.map(({ of, requests }) => ({ of, requests: requests.map(windowOf) })),
      ...(quota === undefined ? {} : { quota: { header: quota.header, format: quota.format, perMs: parseDuration(quota.per) ?? 1_000 } }),
    },
    timeouts,
    maxAnswerBytes,
    allowPlainHttp,
    errors,
    cost,
  };
}

function windowOf({ count, per, spread }: NonNullable<ResolvedConnection['limits']['requests']>[number]) {
  return { count, perMs: parseDuration(per) ?? 1_000, spread };
}

function openClient(options: ConnectionsOptions, account: string, { name }: ResolvedConnection, { errors, cost, ...transport }: Transport): HttpClient {
  return openHttpClient({
    ...transport,
    account,
    classify: compileErrorRules(errors),
    ...(cost === undefined ? {} : { readCost: compileReadCost(cost) }),
    ...(options.tokens === undefined ? {} : { tokens: options.tokens }),
    ...(options.sharedBudget === undefined ? {} : { sharedBudget: options.sharedBudget }),
    ...(options.sight === undefined ? {} : { sight: options.sight }),
    onWarning: (message) => options.onWarning?.(name, message),
  });
}

/** Equal where a client would be the same; gives no secret away. */
function fingerprint(transport: Transport): string {
  return createHash('sha256')
    .update(canonicalJson(plain(transport)))
    .digest('base64url');
}

/** Without keys that are undefined, which no canonical text has. */
function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}
