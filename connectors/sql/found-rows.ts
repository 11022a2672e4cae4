import type { JsonObject } from '../../engine/json.ts';
import type { Column } from './database.ts';
import { jsonRows } from './json-rows.ts';

/** Rows that begin with the place of the values that they were found by. */
export function groupFound(rows: readonly (readonly unknown[])[], columns: readonly Column[], count: number): readonly (readonly JsonObject[])[] {
  const found: JsonObject[][] = Array.from({ length: count }, () => []);
  const objects = jsonRows(
    rows.map((row) => row.slice(1)),
    columns,
  ).rows;
  for (const [index, fields] of objects.entries()) found[Number(rows[index]?.[0])]?.push(fields);
  return found;
}
