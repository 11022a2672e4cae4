import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { assertNever } from '../../../engine/assert-never.ts';
import { compositeKey, keyParts } from '../../../engine/composite-key.ts';
import type { BatchAnswer, OutgoingRecord, WriteResult } from '../../ports.ts';
import { apiRejection, outcomeOfMissing } from '../../rest/read-result.ts';
import type { RowBatch } from '../database.ts';
import { quoteName } from '../names.ts';
import { requireColumns } from '../rows.ts';
import { isBusy, rejectionOf } from './sqlite-trouble.ts';
import { type SqliteValue, sqliteValue } from './sqlite-values.ts';

const NOW = `strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`;

/** Writes a batch in one transaction, without a pause: a row that is refused is undone alone, and the others stay. */
export function writeBatch(database: DatabaseSync, batch: RowBatch): BatchAnswer {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string) => {
    const known = statements.get(sql) ?? database.prepare(sql);
    known.setReadBigInts(true);
    known.setReturnArrays(true);
    statements.set(sql, known);
    return known;
  };
  database.exec('BEGIN IMMEDIATE');
  try {
    const results = batch.records.map((record) => writeRow(database, prepare, batch, record));
    database.exec('COMMIT');
    return { answer: 'results', results };
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    const rejection = isBusy(error) ? undefined : rejectionOf(error);
    if (rejection === undefined) throw error;
    return { answer: 'refused', rejection };
  }
}

function writeRow(database: DatabaseSync, prepare: (sql: string) => StatementSync, batch: RowBatch, record: OutgoingRecord): WriteResult {
  database.exec('SAVEPOINT "row"');
  try {
    const result = resultOf(prepare, batch, record);
    database.exec('RELEASE "row"');
    return result;
  } catch (error) {
    const rejection = isBusy(error) ? undefined : rejectionOf(error);
    if (rejection === undefined) throw error;
    database.exec('ROLLBACK TO "row"; RELEASE "row"');
    return { outcome: 'rejected', rejection };
  }
}

function resultOf(prepare: (sql: string) => StatementSync, batch: RowBatch, record: OutgoingRecord): WriteResult {
  const { kind, key, match, shape, table } = batch;
  const isNew =
    kind === 'upsert' ? prepare(`SELECT 1 FROM ${table} WHERE ${conditions(match, 1)}`).all(...valuesOf(batch, match, record)).length === 0 : undefined;
  const { sql, values } = statementOf(batch, record);
  const rows: unknown = prepare(sql).all(...values);
  const row: unknown = Array.isArray(rows) ? rows[0] : undefined;
  if (!Array.isArray(row)) return outcomeOfMissing(kind, apiRejection('no row has its key', undefined));
  const targetId = compositeKey(requireColumns(shape, key, table).map(({ read }, index) => read(row[index])));
  return { outcome: 'written', ...(targetId === undefined ? {} : { targetId }), ...(isNew === undefined ? {} : { created: isNew }) };
}

function statementOf(batch: RowBatch, record: OutgoingRecord): { readonly sql: string; readonly values: readonly SqliteValue[] } {
  const { kind, table, key, match, syncedAt } = batch;
  const names = kind === 'delete' ? [] : Object.keys(record.fields).toSorted();
  const values = valuesOf(batch, names, record);
  const given = names.map((name, index) => ({ name: quoteName(name), value: `?${index + 1}` }));
  const all = syncedAt === undefined ? given : [...given, { name: quoteName(syncedAt), value: NOW }];
  const told = `RETURNING ${key.map(quoteName).join(', ')}`;
  const ids = () => keyParts(record.targetId ?? '', key.length) ?? key.map(() => null);
  switch (kind) {
    case 'delete':
      return { sql: `DELETE FROM ${table} WHERE ${conditions(key, 1)} ${told}`, values: ids() };
    case 'update': {
      const sql = `UPDATE ${table} SET ${all.map(({ name, value }) => `${name} = ${value}`).join(', ')} WHERE ${conditions(key, names.length + 1)} ${told}`;
      return { sql, values: [...values, ...ids()] };
    }
    case 'create':
    case 'upsert': {
      const conflict = `ON CONFLICT (${match.map(quoteName).join(', ')}) DO UPDATE SET ${all.map(({ name }) => `${name} = excluded.${name}`).join(', ')}`;
      const inserted = `INSERT INTO ${table} (${all.map(({ name }) => name).join(', ')}) VALUES (${all.map(({ value }) => value).join(', ')})`;
      return { sql: `${inserted}${kind === 'upsert' ? ` ${conflict}` : ''} ${told}`, values };
    }
    default:
      return assertNever(kind);
  }
}

function valuesOf({ shape, table }: RowBatch, names: readonly string[], record: OutgoingRecord): readonly SqliteValue[] {
  return requireColumns(shape, names, `the table ${table}`).map((column) => sqliteValue(record.fields[column.name], column));
}

function conditions(columns: readonly string[], from: number): string {
  return columns.map((column, index) => `${quoteName(column)} = ?${from + index}`).join(' AND ');
}
