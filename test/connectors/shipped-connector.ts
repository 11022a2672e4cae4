import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Connector, connectorSchema } from '../../definition/schema/connector.ts';

const FOLDER = new URL('../../connectors/manifests/', import.meta.url);

/** A connector that ships, as the loader reads it. */
export function shippedConnector(name: string): Connector {
  return connectorSchema.parse(parse(readFileSync(new URL(`${name}.yaml`, FOLDER), 'utf8'), { merge: true }));
}
