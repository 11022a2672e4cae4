import { z } from 'zod';
import type { Column, RowShape } from '../database.ts';
import { quoteTable } from '../names.ts';
import { readerOf } from './pg-values.ts';

/** Runs one statement and gives its rows, all values as text. */
export type Ask = (
  sql: string,
  values: readonly string[],
) => Promise<{ readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[]; readonly rows: readonly (readonly unknown[])[] }>;

const number = z.string().transform(Number);
const flag = z.string().transform((text) => text === 't');
const names = z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text)));
const columnRow = z.tuple([z.string(), number, z.string(), flag, number, flag, flag, flag, names]);
const indexRow = z.tuple([flag, names]);
const typeRow = z.tuple([number, z.string(), number]);

/** A domain is read as what it stands for. A column that is generated, or an identity that is always so, cannot be written. */
const COLUMNS = `
  SELECT a.attname, CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END, format_type(a.atttypid, a.atttypmod), a.attnotnull,
         CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END,
         a.atthasdef OR a.attidentity <> '', a.attgenerated <> '' OR a.attidentity = 'a',
         EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = a.attrelid AND c.contype = 'f' AND a.attnum = ANY (c.conkey)),
         coalesce((SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), '[]')::text
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
  WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;
const INDEXES = `
  SELECT i.indisprimary, json_agg(a.attname ORDER BY k.place)::text
  FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(number, place)
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
  WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= i.indnkeyatts
  GROUP BY i.indexrelid, i.indisprimary`;
const TABLES = `
  SELECT CASE WHEN pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1 LIMIT 1000`;

/** @returns undefined where there is no such table */
export async function describeTable(ask: Ask, name: string): Promise<RowShape | undefined> {
  const found = await ask(COLUMNS, [quoteTable(name)]);
  if (found.rows.length === 0) return undefined;
  const columns = found.rows.map((row): Column => {
    const [column, type, written, isRequired, element, hasDefault, isReadOnly, isReference, values] = columnRow.parse(row);
    const more = { hasDefault, isReadOnly, isReference, ...(values.length === 0 ? {} : { values }) };
    return { name: column, type: written, isRequired, ...more, read: readerOf(type, element === 0 ? undefined : element) };
  });
  const indexes = (await ask(INDEXES, [quoteTable(name)])).rows.map((row) => indexRow.parse(row));
  return { columns, key: indexes.find(([isPrimary]) => isPrimary)?.[1] ?? [], unique: indexes.map(([, of]) => of) };
}

export async function describeAnswer(ask: Ask, select: string): Promise<RowShape> {
  const { fields } = await ask(`SELECT * FROM (${select}\n) AS "rows" LIMIT 0`, []);
  const wanted = `{${[...new Set(fields.map(({ dataTypeID }) => dataTypeID))].join(',')}}`;
  const asked = "SELECT oid, format_type(oid, NULL), CASE WHEN typcategory = 'A' THEN typelem ELSE 0 END FROM pg_type WHERE oid = ANY($1::oid[])";
  const types = new Map((await ask(asked, [wanted])).rows.map((row) => typeRow.parse(row)).map(([type, name, element]) => [type, { name, element }]));
  const columns = fields.map(({ name, dataTypeID }): Column => {
    const { name: type = '', element = 0 } = types.get(dataTypeID) ?? {};
    return { name, type, isRequired: false, read: readerOf(dataTypeID, element === 0 ? undefined : element) };
  });
  return { columns, key: [], unique: [] };
}

export async function listTables(ask: Ask): Promise<readonly string[]> {
  return (await ask(TABLES, [])).rows.map(([name]) => String(name));
}
