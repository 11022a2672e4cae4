import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../../engine/json.ts';
import type { Permit } from '../../ports.ts';
import type { Database, RowShape } from '../database.ts';
import { jsonRows } from '../json-rows.ts';
import { quoteName } from '../names.ts';
import { Places } from '../places.ts';
import { requireColumns } from '../rows.ts';
import { invalid } from '../sql-trouble.ts';
import { describeAnswer, describeTable, listTables } from './sqlite-catalogue.ts';
import { SqliteHandles } from './sqlite-handles.ts';
import { explained, isBusy } from './sqlite-trouble.ts';
import { comparable, sqliteValue } from './sqlite-values.ts';
import { writeBatch } from './sqlite-write.ts';

export interface SqliteOptions {
  /** Connection name, for messages. */
  readonly connection: string;
  /** As it is written. */
  readonly shown: string;
  readonly path: string;
  readonly concurrency: number;
  /** How long another program may hold the database. */
  readonly requestMs: number;
}

const BETWEEN_ATTEMPTS_MS = 25;

/** An SQLite database, by `node:sqlite`. Read over a handle that cannot write; statements run in this thread, one page or one batch at a time. */
export function openSqlite(options: SqliteOptions): Database {
  const { connection, path, shown, requestMs } = options;
  const places = new Places(options.concurrency);
  const handles = new SqliteHandles(path);

  const reader = (): DatabaseSync => {
    if (!existsSync(path)) throw invalid(`${connection}: there is no file ${shown}. Name it in \`database\`, from the project folder.`);
    return handles.open('reader');
  };
  const writer = (mayMake: boolean): DatabaseSync => {
    if (!mayMake) reader();
    return handles.open('writer');
  };
  const attempt = async <Result>(where: string, work: () => Result | Promise<Result>, signal?: AbortSignal): Promise<Result> => {
    for (const endsAt = Date.now() + requestMs; ; ) {
      signal?.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        if (!isBusy(error) || Date.now() > endsAt) throw explained(error, shown, connection, where);
        // The driver would wait with the thread, and nothing else could be done meanwhile.
        await sleep(BETWEEN_ATTEMPTS_MS, undefined, signal === undefined ? {} : { signal });
      }
    }
  };
  const within = async <Result>(where: string, work: () => Result, signal?: AbortSignal, held?: Permit): Promise<Result> => {
    const place = held ?? (await places.take(signal));
    try {
      return await attempt(where, work, signal);
    } finally {
      if (held === undefined) place.release();
    }
  };

  return {
    address: shown,
    canBeMade: () => !existsSync(path) && existsSync(dirname(path)),
    typeNames: { text: 'TEXT', number: 'NUMERIC', boolean: 'BOOLEAN', json: 'JSON', time: 'TEXT' },
    placeholder: (position, compared) => comparable(`?${position}`, compared),
    describeTable: (name, permit) => within(name, () => (existsSync(path) ? describeTable(reader(), name) : undefined), undefined, permit),
    describeQuery: (select, where) => within(where, () => describeAnswer(reader(), select)),
    listTables: (permit) => within(connection, () => (existsSync(path) ? listTables(reader()) : []), undefined, permit),
    read: ({ sql, values, columns }, where, signal) =>
      within(
        where,
        () => {
          const observedAt = Date.now();
          const rows = rowsOf(reader(), sql)(...values.map((value) => sqliteValue(value)));
          return { ...jsonRows(rows, columns), observedAt };
        },
        signal,
      ),
    find: (table, shape, of, values, where, signal) => within(where, () => findRows(reader(), table, shape, of, values), signal),
    alter: (statements, where, permit) => within(where, () => inTransaction(writer(true), statements), undefined, permit),
    acquirePermit: (signal) => places.take(signal),
    write: async (batch, permit, checkBeforeDispatch, where) => {
      try {
        return await attempt(where, async () => {
          const database = writer(false);
          await checkBeforeDispatch();
          return writeBatch(database, batch);
        });
      } finally {
        permit.release();
      }
    },
    setPace: (pace) => places.setPace(pace),
    close: async () => handles.close(),
  };
}

function rowsOf(database: DatabaseSync, sql: string) {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  return (...values: readonly ReturnType<typeof sqliteValue>[]): readonly (readonly unknown[])[] => {
    const rows: unknown = statement.all(...values);
    return Array.isArray(rows) ? rows.map((row: unknown) => (Array.isArray(row) ? row : [])) : [];
  };
}

function findRows(
  database: DatabaseSync,
  table: string,
  shape: RowShape,
  of: readonly string[],
  values: readonly (readonly string[])[],
): readonly (readonly JsonObject[])[] {
  requireColumns(shape, of, `the table ${table}`);
  const all = shape.columns.map(({ name }) => quoteName(name)).join(', ');
  const find = rowsOf(database, `SELECT ${all} FROM ${table} WHERE ${of.map((name, index) => `${quoteName(name)} = ?${index + 1}`).join(' AND ')}`);
  return values.map((parts) => jsonRows(find(...parts), shape.columns).rows);
}

function inTransaction(database: DatabaseSync, statements: readonly string[]): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const statement of statements) database.exec(statement);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
