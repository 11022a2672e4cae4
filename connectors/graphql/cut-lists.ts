import { isJsonObject, type Json } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import type { SourceRecord } from '../ports.ts';

/** Names of the connections inside of records that have more than was asked for: `lineItems`, `customer.addresses`. */
export function cutLists(records: readonly SourceRecord[]): readonly string[] {
  const found = new Set<string>();
  const look = (value: Json, path: string): void => {
    if (isJsonArray(value)) for (const item of value) look(item, path);
    if (!isJsonObject(value)) return;
    const { pageInfo } = value;
    if (path !== '' && pageInfo !== undefined && isJsonObject(pageInfo) && pageInfo['hasNextPage'] === true) found.add(path);
    for (const [name, inner] of Object.entries(value)) look(inner, path === '' ? name : `${path}.${name}`);
  };
  for (const { fields } of records) look(fields, '');
  return [...found];
}
