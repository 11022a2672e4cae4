import { statSync } from 'node:fs';
import { text } from '../rows/row.ts';
import type { Keeper, KeptValue } from '../upkeep/keeper.ts';
import type { Database } from './database.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** What upkeep needs of a SQLite file. */
export function createKeeper(database: Database, path: string): Keeper {
  return {
    kind: 'sqlite',
    place: path,
    version: MIGRATIONS.length,
    bytes: async () => [path, `${path}-wal`].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0),
    all: (sql, ...values) => database.read(() => database.all(numbered(sql), ...values)),
    batch: (steps) => database.write(() => steps.map(([sql, ...values]: readonly [string, ...KeptValue[]]) => database.run(numbered(sql), ...values))),
    columnsOf: (table) => database.read(() => database.all('SELECT name FROM pragma_table_info(?)', table).map((row) => text(row, 'name'))),
    compact: () => database.compact(),
    // Rows are numbered on from the largest.
    renumber: async () => undefined,
  };
}

function numbered(sql: string): string {
  return sql.replaceAll(/\$(\d+)/g, '?$1');
}
