import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describedObjects } from '../../definition/any-object.ts';
import { offers } from '../../definition/offered.ts';
import type { ResolvedConnection } from '../../definition/resolved.ts';
import type { ConnectorObject } from '../../definition/schema/connector.ts';
import { SyncError } from '../../engine/errors.ts';
import type { FieldFacts } from '../../engine/field-facts.ts';
import type { JsonObject } from '../../engine/json.ts';
import type { HttpClient } from '../../http/http-client.ts';
import type { graphqlFields } from '../graphql/graphql-fields.ts';
import { graphqlPath } from '../graphql/graphql-path.ts';
import { openapiFields } from '../openapi/openapi-fields.ts';
import type { DiscoveredFields, Discovery, Source } from '../ports.ts';
import { remembered } from '../remembered.ts';
import { sampledFields } from '../sampled-fields.ts';
import { readFieldsEndpoint } from './fields-endpoint.ts';

export interface RestDiscoveryOptions {
  readonly client: HttpClient;
  readonly connection: ResolvedConnection;
  /** What the OpenAPI document is relative to. */
  readonly directory: string;
  readonly objectOf: (objectName: string) => ConnectorObject;
  readonly source: (objectName: string) => Source;
}

/** Tells the fields of an object by what says most: its `fields` endpoint, the OpenAPI document, the schema of a GraphQL API, `knownFields`, a page of records. */
export function openRestDiscovery({ client, connection, directory, objectOf, source }: RestDiscoveryOptions): Discovery {
  const { openapi } = connection;
  const describe = openapi === undefined ? undefined : remembered(() => readFile(openapi, directory, connection.name));
  const basePath = URL.parse(connection.baseUrl)?.pathname.replace(/\/$/, '') ?? '';
  const sample = (objectName: string, signal: AbortSignal | undefined) => sampledFields(source(objectName), signal);

  const fields = async (objectName: string, signal?: AbortSignal): Promise<DiscoveredFields> => {
    const object = objectOf(objectName);
    if (object.fields !== undefined) {
      const facts = await readFieldsEndpoint({ client, connection: connection.name, objectName, endpoint: object.fields }, signal);
      return { facts: withKey(facts, object), origin: 'metadata' };
    }
    const described = describe === undefined ? undefined : openapiFields(await describe(), object, basePath);
    if (described !== undefined) return { facts: described, origin: 'openapi' };
    const path = graphqlPath(object);
    const typed = path === undefined ? undefined : await bySchema({ client, object, path, where: `${connection.name}.${objectName}` }, signal);
    if (typed !== undefined) return { facts: typed, origin: 'introspection' };
    if (object.knownFields !== undefined) {
      const shown = offers(object, 'list') ? (await sample(objectName, signal)).facts : [];
      return { facts: object.knownFields.map((name) => shown.find((facts) => facts.name === name) ?? { name }), origin: 'manifest' };
    }
    if (offers(object, 'list')) return sample(objectName, signal);
    const ways = 'name where the API tells them in `fields`, or an OpenAPI document in `openapi`, or write them down in `knownFields`';
    throw invalid(`Nothing tells the fields of ${connection.name}.${objectName}: ${ways}.`);
  };

  const objects: Discovery['objects'] = async (signal) => {
    const described = Object.keys(describedObjects(connection.objects));
    const { objectNames } = connection;
    if (objectNames === undefined) return described;
    const told = await readFieldsEndpoint({ client, connection: connection.name, objectName: 'objectNames', endpoint: objectNames }, signal);
    return [...new Set([...described, ...told.map(({ name }) => name)])];
  };

  return { objects, fields };
}

/** @throws DEFINITION_INVALID where there is none, or it is none */
async function readFile(file: string, directory: string, connection: string): Promise<JsonObject> {
  const path = resolve(directory, file);
  if (!existsSync(path)) throw invalid(`${connection}: there is no ${file}, which \`openapi\` names from the project folder.`);
  // Loaded here: the parser takes a moment, and runs do without it.
  const { readDescription } = await import('../draft/openapi/read-description.ts');
  return readDescription({ file: path });
}

/** What reads a schema is loaded where one is asked for only: it takes as long as all the rest of a short command. */
async function bySchema(asked: Parameters<typeof graphqlFields>[0], signal: AbortSignal | undefined): Promise<readonly FieldFacts[] | undefined> {
  const { graphqlFields: readFields } = await import('../graphql/graphql-fields.ts');
  return readFields(asked, signal);
}

/** Where fields lie apart from the rest of a record, its key is none of them; records have it all the same. */
function withKey(facts: readonly FieldFacts[], { primaryKey, values }: ConnectorObject): readonly FieldFacts[] {
  const isMissing = values !== undefined && facts.length > 0 && /^\w+$/.test(primaryKey) && facts.every(({ name }) => name !== primaryKey);
  return isMissing ? [{ name: primaryKey, isReadOnly: true }, ...facts] : facts;
}

function invalid(message: string): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}
