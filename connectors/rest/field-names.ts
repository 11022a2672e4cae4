import type { ConnectorObject } from '../../definition/schema/connector.ts';
import type { FieldsEndpoint } from '../../definition/schema/fields.ts';
import { SyncError } from '../../engine/errors.ts';
import type { HttpClient } from '../../http/http-client.ts';
import { readFieldsEndpoint } from './fields-endpoint.ts';
import { insertedPaths } from './inserted-paths.ts';
import type { RequestShape } from './request-template.ts';

/** A field that is added meanwhile is asked for so much later, at the latest. */
const KNOWN_MS = 600_000;

/** Tells the names of the fields that an API says an object has, once in ten minutes. Throws as the request does. */
export type TellFieldNames = (objectName: string, endpoint: FieldsEndpoint) => Promise<readonly string[]>;

/** One for all that use a connection: what was told is kept with it; what failed is asked for anew. */
export function rememberFieldNames(client: HttpClient, connection: string): TellFieldNames {
  const known = new Map<string, { readonly at: number; readonly names: Promise<readonly string[]> }>();
  return (objectName, endpoint) => {
    const told = known.get(objectName);
    if (told !== undefined && Date.now() - told.at < KNOWN_MS) return told.names;
    const names = readFieldsEndpoint({ client, connection, objectName, endpoint }).then((facts) => facts.map(({ name }) => name));
    const asked = { at: Date.now(), names };
    known.set(objectName, asked);
    names.catch(() => {
      if (known.get(objectName) === asked) known.delete(objectName);
    });
    return names;
  };
}

/** Whether a template of a request inserts them: few do, and compiling takes its time. @throws ExpressionError where one is none */
export function insertsFieldNames(request: RequestShape): boolean {
  return JSON.stringify(request).includes('fieldNames') && insertedPaths(request).has('fieldNames');
}

/**
 * What templates of an endpoint may insert as `fieldNames`.
 * @returns a function that asks for them where one of its templates inserts them; nothing otherwise
 * @throws SyncError DEFINITION_INVALID where nothing tells them
 */
export function fieldNamesFor(
  tell: TellFieldNames,
  { objectName, object, where }: { readonly objectName: string; readonly object: Pick<ConnectorObject, 'fields' | 'knownFields'>; readonly where: string },
  request: RequestShape,
): () => Promise<{ readonly fieldNames?: readonly string[] }> {
  if (!insertsFieldNames(request)) return async () => ({});
  const { fields, knownFields } = object;
  if (fields !== undefined) return async () => ({ fieldNames: await tell(objectName, fields) });
  if (knownFields !== undefined) return async () => ({ fieldNames: knownFields });
  const message = `${where} inserts {fieldNames}, and nothing tells them: say in \`fields\` of the object where the API tells its fields, or name them in \`knownFields\`.`;
  throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}
