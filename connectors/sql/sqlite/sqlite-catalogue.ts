import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { RowShape } from '../database.ts';
import { tablePath } from '../names.ts';
import { readerOf } from './sqlite-values.ts';

const columnRow = z.object({ name: z.string(), type: z.string(), notnull: z.number(), dflt_value: z.string().nullable(), pk: z.number(), hidden: z.number() });
const foreignRow = z.object({ from: z.string() });
const indexRow = z.object({ name: z.string(), unique: z.number(), partial: z.number() });
const partRow = z.object({ name: z.string().nullable() });

/** @returns undefined where there is no such table */
export function describeTable(database: DatabaseSync, name: string): RowShape | undefined {
  const path = tablePath(name);
  const table = path.at(-1) ?? name;
  const schema = path.length > 1 ? (path[0] ?? 'main') : 'main';
  const rows = z
    .array(columnRow)
    .parse(database.prepare('SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?1, ?2) WHERE hidden <> 1').all(table, schema));
  if (rows.length === 0) return undefined;
  const key = rows
    .filter(({ pk }) => pk > 0)
    .toSorted((one, other) => one.pk - other.pk)
    .map((row) => row.name);
  const indexes = z.array(indexRow).parse(database.prepare('SELECT name, "unique", partial FROM pragma_index_list(?1, ?2)').all(table, schema));
  const parts = (index: string) =>
    z
      .array(partRow)
      .parse(database.prepare('SELECT name FROM pragma_index_info(?1, ?2)').all(index, schema))
      .map((part) => part.name);
  const unique = indexes
    .filter((index) => index.unique === 1 && index.partial === 0)
    .map(({ name: index }) => parts(index))
    .filter((columns): columns is string[] => columns.every((column) => column !== null));
  const foreign = z
    .array(foreignRow)
    .parse(database.prepare('SELECT "from" FROM pragma_foreign_key_list(?1, ?2)').all(table, schema))
    .map(({ from }) => from.toLowerCase());
  return {
    columns: rows.map((row) => {
      // A key of one whole number is the number of the row itself, and never null; any other may be.
      const isRowNumber = key.length === 1 && row.pk === 1 && /^integer$/i.test(row.type);
      return {
        name: row.name,
        type: row.type,
        isRequired: row.notnull === 1 || isRowNumber,
        hasDefault: row.dflt_value !== null || isRowNumber,
        // 2 and 3: generated, and kept or not.
        isReadOnly: row.hidden > 1,
        isReference: foreign.includes(row.name.toLowerCase()),
        read: readerOf(row.type),
      };
    }),
    key,
    unique: key.length === 0 ? unique : [key, ...unique],
  };
}

export function describeAnswer(database: DatabaseSync, select: string): RowShape {
  // Inside of another statement SQLite gives the second of two columns of one name another name.
  const columns = database.prepare(select).columns();
  return { columns: columns.map(({ name, type }) => ({ name, type: type ?? '', isRequired: false, read: readerOf(type ?? '') })), key: [], unique: [] };
}

export function listTables(database: DatabaseSync): readonly string[] {
  const rows = database.prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name").all();
  return z
    .array(z.object({ name: z.string() }))
    .parse(rows)
    .map(({ name }) => name);
}
