import type { ResolvedConnection } from '../definition/resolved.ts';
import { authSchema } from '../definition/schema/auth.ts';
import type { ConnectorObject } from '../definition/schema/connector.ts';
import { parseDuration } from '../engine/duration.ts';
import { SyncError } from '../engine/errors.ts';
import type { Json } from '../engine/json.ts';
import type { HttpClient, TokenStore } from '../http/http-client.ts';
import { openHttpClient } from '../http/open-http-client.ts';
import { compileErrorRules } from './error-rules.ts';
import type { Connections, OpenConnection } from './ports.ts';
import { compileRequest } from './rest/request-template.ts';
import { openRestSource, refused } from './rest/rest-source.ts';
import { openRestTarget } from './rest/rest-target.ts';

export interface ConnectionsOptions {
  /** Puts secrets in the place of their references. @throws SyncError SECRET_MISSING */
  readonly resolveSecrets: (value: Json) => Json;
  /** Where rotated tokens are kept. */
  readonly tokens?: TokenStore;
  readonly onWarning?: (connection: string, message: string) => void;
}

/** The open connections of this process; see `Connections`. */
export function openConnections(options: ConnectionsOptions): Connections {
  const open = new Map<string, { readonly definition: string; readonly client: HttpClient; readonly connection: OpenConnection }>();
  const replaced: HttpClient[] = [];
  return {
    open: (account, connection) => {
      const definition = JSON.stringify(connection);
      const known = open.get(account);
      if (known?.definition === definition) return known.connection;
      // Those who have the earlier client finish with it; it is closed with all the others.
      if (known !== undefined) replaced.push(known.client);
      const client = openClient(options, account, connection);
      const opened = { definition, client, connection: openConnection(client, connection) };
      open.set(account, opened);
      return opened.connection;
    },
    close: async () => {
      await Promise.all([...replaced, ...[...open.values()].map(({ client }) => client)].map((client) => client.close()));
    },
  };
}

function openClient(options: ConnectionsOptions, account: string, connection: ResolvedConnection): HttpClient {
  const { name, limits } = connection;
  return openHttpClient({
    name,
    account,
    baseUrl: connection.baseUrl,
    auth: authSchema.parse(options.resolveSecrets(JSON.parse(JSON.stringify(connection.auth)))),
    headers: Object.fromEntries(Object.entries(connection.headers).map(([header, value]) => [header.toLowerCase(), String(options.resolveSecrets(value))])),
    limits: { ...limits, requests: limits.requests?.map(({ count, per }) => ({ count, perMs: parseDuration(per) ?? 1_000 })) },
    timeouts: connection.timeouts,
    maxAnswerBytes: connection.maxAnswerBytes,
    allowPlainHttp: connection.allowPlainHttp,
    classify: compileErrorRules(connection.errors),
    ...(options.tokens === undefined ? {} : { tokens: options.tokens }),
    onWarning: (message) => options.onWarning?.(name, message),
  });
}

function openConnection(client: HttpClient, connection: ResolvedConnection): OpenConnection {
  const objectOf = (objectName: string): ConnectorObject => {
    const object = connection.objects[objectName];
    if (object === undefined) throw invalid(`Connection ${connection.name} has no object "${objectName}".`);
    return object;
  };
  const source: OpenConnection['source'] = (objectName, observer) => {
    const object = objectOf(objectName);
    const { list } = object;
    if (list === undefined) throw invalid(`${connection.name}.${objectName} cannot be listed: its connector has no "list".`);
    return openRestSource({ client, connection: connection.name, objectName, object: { ...object, list }, observer });
  };
  return {
    source,
    target: (objectName, matchOn, observer) => openRestTarget({ client, connection, objectName, object: objectOf(objectName), matchOn, observer }),
    probe: async (signal) => {
      if (connection.probe !== undefined) {
        const rendered = await compileRequest(connection.probe, `${connection.name}.probe`)({});
        const { answer, classification } = await client.send({ ...rendered, repeat: 'read', signal });
        if (classification.class !== 'success') throw refused(connection.name, `${connection.name}.probe`, answer, classification);
        return;
      }
      const listed = Object.entries(connection.objects).find(([, object]) => object.list !== undefined);
      if (listed !== undefined) await source(listed[0]).readPage({ window: {}, cursor: undefined, ...(signal === undefined ? {} : { signal }) });
    },
  };
}

function invalid(message: string): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}
