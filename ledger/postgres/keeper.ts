import { number, text } from '../rows/row.ts';
import type { Keeper } from '../upkeep/keeper.ts';
import { type Database, SCHEMA } from './database.ts';
import { lockScope } from './locks.ts';
import { MIGRATIONS } from './migrations/index.ts';

const SIZE = `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) AS bytes FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'`;

/** What upkeep needs of a PostgreSQL database. */
export function createKeeper(database: Database): Keeper {
  return {
    kind: 'postgres',
    place: `${database.address.database} at ${database.address.host}`,
    version: MIGRATIONS.length,
    bytes: async () => number((await database.get(SIZE, SCHEMA)) ?? {}, 'bytes'),
    all: (sql, ...values) => database.all(sql, ...values),
    // All are sent before the first is answered: a row is not a round trip.
    batch: (steps, scope) =>
      database.write(async (session) => {
        if (scope !== undefined) await lockScope(session, scope);
        return Promise.all(steps.map(([sql, ...values]) => session.run(sql, ...values)));
      }),
    // What is deleted, its autovacuum clears.
    compact: async () => undefined,
    columnsOf: async (table) => {
      const rows = await database.all(
        'SELECT column_name::text AS name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2',
        SCHEMA,
        table,
      );
      return rows.map((row) => text(row, 'name'));
    },
    renumber: async () => {
      for (const table of ['changes', 'verdicts', 'delivered_events'])
        await database.get(`SELECT setval(pg_get_serial_sequence('${SCHEMA}.${table}', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM ${table}), false) AS next`);
    },
  };
}
