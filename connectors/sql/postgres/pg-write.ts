import { assertNever } from '../../../engine/assert-never.ts';
import { keyParts } from '../../../engine/composite-key.ts';
import type { Json, JsonObject } from '../../../engine/json.ts';
import type { OutgoingRecord } from '../../ports.ts';
import type { Column, RowBatch } from '../database.ts';
import { quoteName } from '../names.ts';
import { requireColumns } from '../rows.ts';

/** One statement for records that have the same fields; its answer begins with the place of each record, and goes on with its key and whether it was created. */
export interface WriteStatement {
  readonly sql: string;
  /** All records as one JSON text: the server turns the values into those of its columns. */
  readonly rows: string;
}

/**
 * The statements of a batch. Values go to the server in one parameter, under names of ours: what a record or a column is called is part of no statement.
 * `xmax = 0` tells a row that was inserted from one that was updated: only the latter was locked by this transaction before.
 */
export function writeStatements(batch: RowBatch): readonly WriteStatement[] {
  const groups = new Map<string, { readonly fields: readonly string[]; readonly places: number[] }>();
  for (const [place, { fields }] of batch.records.entries()) {
    const names = batch.kind === 'delete' ? [] : Object.keys(fields).toSorted();
    const group = JSON.stringify(names);
    const known = groups.get(group) ?? { fields: names, places: [] };
    known.places.push(place);
    groups.set(group, known);
  }
  return [...groups.values()].map(({ fields, places }) => statementOf(batch, fields, places));
}

function statementOf(batch: RowBatch, names: readonly string[], places: readonly number[]): WriteStatement {
  const { kind, shape, key, match, table, syncedAt } = batch;
  const values = requireColumns(shape, names, `the table ${table}`);
  const isById = kind === 'update' || kind === 'delete';
  const ids = isById ? requireColumns(shape, key, `the table ${table}`) : [];
  const given = `json_to_recordset($1::json) AS x("ord" int${values.map((column, n) => `, "c${n}" ${typeOf(column)}`).join('')}${ids.map((column, n) => `, "k${n}" ${column.type}`).join('')})`;
  const columns = values.map(({ name }, n) => ({ name: quoteName(name), value: valueIn(values[n], `x."c${n}"`) }));
  const all = syncedAt === undefined ? columns : [...columns, { name: quoteName(syncedAt), value: 'now()' }];
  const rows = JSON.stringify(places.map((place) => rowOf(place, batch.records[place], names, ids.length)));
  const byId = ids.map(({ name }, n) => `t.${quoteName(name)} = x."k${n}"`).join(' AND ');
  const told = key.map((column, n) => `t.${quoteName(column)} AS "id${n}"`).join(', ');
  switch (kind) {
    case 'delete':
      return { sql: `DELETE FROM ${table} AS t USING ${given} WHERE ${byId} RETURNING x."ord", ${told}, false`, rows };
    case 'update':
      return {
        sql: `UPDATE ${table} AS t SET ${all.map(({ name, value }) => `${name} = ${value}`).join(', ')} FROM ${given} WHERE ${byId} RETURNING x."ord", ${told}, false`,
        rows,
      };
    case 'create':
    case 'upsert': {
      const inserted = `INSERT INTO ${table} AS t (${all.map(({ name }) => name).join(', ')}) SELECT ${all.map(({ value }) => value).join(', ')} FROM x ORDER BY x."ord"`;
      const conflict = `ON CONFLICT (${match.map(quoteName).join(', ')}) DO UPDATE SET ${all.map(({ name }) => `${name} = EXCLUDED.${name}`).join(', ')}`;
      const matched = match.map((column, n) => `t.${quoteName(column)} AS "m${n}"`).join(', ');
      const join = match.map((column, n) => `done."m${n}" = ${valueIn(values[names.indexOf(column)], `x."c${names.indexOf(column)}"`)}`).join(' AND ');
      const done = `${inserted}${kind === 'upsert' ? ` ${conflict}` : ''} RETURNING ${told}, ${matched}, (t.xmax = 0) AS "isNew"`;
      const sql = `WITH x AS (SELECT * FROM ${given}), done AS (${done}) SELECT x."ord", ${key.map((_, n) => `done."id${n}"`).join(', ')}, done."isNew" FROM done JOIN x ON ${join}`;
      return { sql, rows };
    }
    default:
      return assertNever(kind);
  }
}

/** Bytes come as base64, which the server would take for the bytes themselves. */
function typeOf({ type }: Column): string {
  return type === 'bytea' ? 'text' : type;
}

function valueIn(column: Column | undefined, value: string): string {
  return column?.type === 'bytea' ? `decode(${value}, 'base64')` : value;
}

function rowOf(place: number, record: OutgoingRecord | undefined, names: readonly string[], ids: number): JsonObject {
  const row: Record<string, Json> = { ord: place };
  for (const [n, name] of names.entries()) row[`c${n}`] = record?.fields[name] ?? null;
  const parts = ids === 0 ? undefined : keyParts(record?.targetId ?? '', ids);
  for (const n of Array.from({ length: ids }, (_, index) => index)) row[`k${n}`] = parts?.[n] ?? null;
  return row;
}
