import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Database } from '../../ledger/sqlite/database.ts';
import { withCode } from './support/run-driver.ts';

async function openTable(): Promise<Database> {
  const database = await Database.open(':memory:');
  await database.write(() => database.run('CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT'));
  return database;
}

const insert = (database: Database, n: number) => () => database.run('INSERT INTO t VALUES (?)', n);
const numbers = (database: Database) => database.read(() => database.all('SELECT n FROM t ORDER BY n').map((row) => row['n']));

describe('what is written together', () => {
  it('keeps its order, and each caller its own result', async () => {
    const database = await openTable();
    const results = await Promise.all([1, 2, 3].map(async (n) => database.writeLazily(() => insert(database, n)() * 10 + n)));
    assert.deepEqual(
      [results, await numbers(database)],
      [
        [11, 12, 13],
        [1, 2, 3],
      ],
    );
    await database.close();
  });

  it('is apart from the failure of another: that one is undone whole, and told alone', async () => {
    const database = await openTable();
    const first = database.write(insert(database, 1));
    const refused = database.write(() => {
      insert(database, 7)();
      throw new Error('refused');
    });
    const broken = database.write(() => {
      insert(database, 8)();
      insert(database, 1)();
    });
    const [one, two, three, four] = await Promise.allSettled([first, refused, broken, database.write(insert(database, 2))]);
    assert.deepEqual([one.status, two.status, three.status, four.status], ['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    assert.ok(three.status === 'rejected' && withCode('INTERNAL')(three.reason));
    assert.deepEqual(await numbers(database), [1, 2]);
    await database.close();
  });

  it('is written before the file is closed', async () => {
    const database = await openTable();
    const written = database.write(insert(database, 1));
    await database.close();
    assert.equal(await written, 1);
    await assert.rejects(database.write(insert(database, 2)), withCode('STORE_UNAVAILABLE'));
  });
});
