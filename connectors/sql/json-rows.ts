import type { Json, JsonObject } from '../../engine/json.ts';
import type { Column } from './database.ts';

/** Rows as the driver gives them, in the order of their columns, as JSON; with about the bytes that they take. */
export function jsonRows(rows: readonly (readonly unknown[])[], columns: readonly Column[]): { readonly rows: readonly JsonObject[]; readonly bytes: number } {
  let bytes = 0;
  const objects = rows.map((row) => {
    const fields: Record<string, Json> = {};
    for (const [index, { name, read }] of columns.entries()) {
      const given = row[index];
      bytes += typeof given === 'string' ? given.length : given instanceof Uint8Array ? given.length : 8;
      if (name !== '__proto__') fields[name] = read(given);
    }
    return fields;
  });
  return { rows: objects, bytes };
}
