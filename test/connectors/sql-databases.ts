import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after } from 'node:test';
import { temporaryDatabases } from '../support/databases.ts';
import { query } from '../support/postgres.ts';

/** A database of one kind, made for one test. */
export interface TestDatabase {
  readonly kind: 'postgres' | 'sqlite';
  /** What `database` of a connection is resolved to. */
  readonly place: string;
  /** One statement beside the product, over a handle of its own. */
  run(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** Call it at the top of a test file. */
export function testDatabases(): Readonly<Record<TestDatabase['kind'], () => Promise<TestDatabase>>> {
  const makePostgres = temporaryDatabases();
  const folder = mkdtempSync(join(tmpdir(), 'syncline-sql-'));
  let made = 0;
  after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    postgres: async () => {
      const place = await makePostgres();
      return { kind: 'postgres', place, run: (sql) => query(place, sql) };
    },
    sqlite: async () => {
      made += 1;
      const place = join(folder, `${made}.db`);
      return { kind: 'sqlite', place, run: async (sql) => runSqlite(place, sql) };
    },
  };
}

function runSqlite(place: string, sql: string): readonly Readonly<Record<string, unknown>>[] {
  const database = new DatabaseSync(place, { timeout: 1_000 });
  try {
    const statements = sql.split(/;\s*\n/);
    for (const statement of statements.slice(0, -1)) database.exec(statement);
    const last = database.prepare(statements.at(-1) ?? sql);
    last.setReadBigInts(true);
    return last.all().map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value])));
  } finally {
    database.close();
  }
}
