import { type ObjectName, PROPERTIES } from './hubspot-properties.ts';
import type { StoredRecord } from './hubspot-store.ts';

/** A record as the API shows it: the properties that were asked for, null where it has none, and those that come with every record. */
export function shown(object: ObjectName, record: StoredRecord, wanted: readonly string[] = PROPERTIES[object].shown): Record<string, unknown> {
  const names = new Set([...wanted, 'createdate', 'hs_object_id', PROPERTIES[object].modified]);
  const properties = Object.fromEntries([...names].map((name) => [name, record.properties[name] ?? null]));
  return { id: record.id, properties, createdAt: record.createdAt, updatedAt: record.updatedAt, archived: false };
}
