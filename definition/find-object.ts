import { ANY_OBJECT, objectNamed } from './any-object.ts';
import type { EndpointName } from './check-endpoint.ts';
import type { CheckScope } from './check-scope.ts';
import type { Mistake } from './mistake.ts';
import { offeredByKind } from './offered.ts';
import { UNNAMED } from './parse-definition.ts';
import type { ConnectorObject } from './schema/connector.ts';
import type { Path, YamlFile } from './yaml-file.ts';

/** An object that a sync names, as its connector or connection describes it. */
export interface FoundObject {
  readonly object: ConnectorObject;
  /** Whether an endpoint is written there, be it with mistakes: those are told where they stand. */
  readonly has: (endpoint: EndpointName) => boolean;
}

/**
 * Looks up `connection` and `object` at a path of a sync.
 * @returns no object where it cannot be looked at: it is unknown, or its own file has mistakes
 */
export function findObject(
  { files }: CheckScope,
  file: YamlFile,
  path: Path,
  named: { readonly connection: string; readonly object: string },
): { readonly found?: FoundObject; readonly mistakes: Mistake[] } {
  if (named.connection === UNNAMED) return { mistakes: [] };
  const known = files.present.connections;
  if (!known.includes(named.connection)) {
    const orElse = known.length === 0 ? ': there are none in connections/' : `: there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`;
    return {
      mistakes: [file.mistake([...path, 'connection'], `unknown connection "${named.connection}"`, { meant: { name: named.connection, known, orElse } })],
    };
  }
  const connection = files.connections.get(named.connection);
  const connector = files.connectors.get(connection?.value.connector ?? '');
  if (named.object === UNNAMED || connection === undefined || connector === undefined) return { mistakes: [] };
  for (const { value, file: described } of [connection, connector]) {
    const key = [named.object, ANY_OBJECT].find((name) => described.valueAt(['objects', name]) !== undefined);
    if (key === undefined || (key === ANY_OBJECT && described === connection.file && isDescribed(connector, named.object))) continue;
    const object = objectNamed(value.objects ?? {}, named.object);
    if (object === undefined) return { mistakes: [] };
    const has: FoundObject['has'] = (endpoint) => described.valueAt(['objects', key, endpoint]) !== undefined || offeredByKind(object).includes(endpoint);
    return { found: { object, has }, mistakes: [] };
  }
  const objects = [...new Set([connection, connector].flatMap(({ file: described }) => Object.keys(described.valueAt(['objects']) ?? {})))];
  const orElse = `: it has ${objects.join(', ') || 'none'}`;
  const message = `connection ${named.connection} has no object "${named.object}"`;
  return { mistakes: [file.mistake([...path, 'object'], message, { meant: { name: named.object, known: objects, orElse } })] };
}

function isDescribed({ file }: { readonly file: YamlFile }, object: string): boolean {
  return file.valueAt(['objects', object]) !== undefined;
}
