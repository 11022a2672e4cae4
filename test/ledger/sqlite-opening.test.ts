import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { openLedger } from '../../ledger/open-ledger.ts';
import { migrate } from '../../ledger/sqlite/migrate.ts';
import { MIGRATIONS } from '../../ledger/sqlite/migrations/index.ts';
import { fastEnough, inTime } from '../support/in-time.ts';
import { temporaryFolders } from './support/folders.ts';
import { changed, RunDriver, withCode } from './support/run-driver.ts';

const makeFolder = temporaryFolders();
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const open = (directory: string, more: { readonly url?: string; readonly encryptionKey?: string } = {}) =>
  openLedger({ url: 'sqlite', directory, values: 'plain', ...more });

describe('opening a SQLite ledger', () => {
  it('makes folder, file and key for their owner alone', async () => {
    const directory = join(makeFolder(), 'project', '.syncline');
    await (await open(directory)).close();
    assert.deepEqual([modeOf(directory), modeOf(join(directory, 'ledger.db')), modeOf(join(directory, 'key'))], ['700', '600', '600']);
    assert.equal(Buffer.from(readFileSync(join(directory, 'key'), 'utf8'), 'base64').length, 32);
  });

  it('finds again what an earlier process has kept', async () => {
    const directory = makeFolder();
    const first = await open(directory);
    await (await RunDriver.start(first)).stage([changed('1')]);
    await first.close();
    const second = await open(directory);
    assert.equal((await second.readBacklog('r_1', 0)).planned, 1);
    await second.close();
  });

  it('opens another file where one is named', async () => {
    const directory = makeFolder();
    const elsewhere = join(makeFolder(), 'other.db');
    const ledger = await open(directory, { url: `sqlite:${elsewhere}` });
    await ledger.saveWatermark('s', { value: '1' }, 1);
    await ledger.close();
    assert.ok(statSync(elsewhere).size > 0);
  });

  it('by several at once lets one of them make the tables and the key', async () => {
    const directory = makeFolder();
    const ledgers = await Promise.all([1, 2, 3, 4].map(() => open(directory)));
    for (const [n, ledger] of ledgers.entries()) await ledger.saveCredential('a', String(n), { n }, 1);
    assert.deepEqual(await ledgers[3]?.readCredential('a', '0'), { n: 0 });
    for (const ledger of ledgers) await ledger.close();
  });

  it('refuses a file of a newer program, and leaves it as it is', async () => {
    const directory = makeFolder();
    await (await open(directory)).close();
    const sqlite = new DatabaseSync(join(directory, 'ledger.db'));
    sqlite.exec(`INSERT INTO schema_version VALUES (${MIGRATIONS.length + 1}, 'from the future', 1)`);
    sqlite.close();
    await assert.rejects(open(directory), /was written by a newer Syncline .*: update Syncline here/);
  });

  it('refuses a file that is no ledger', async () => {
    const directory = makeFolder();
    const sqlite = new DatabaseSync(join(directory, 'ledger.db'));
    sqlite.exec('CREATE TABLE shopping (item TEXT)');
    sqlite.close();
    await assert.rejects(open(directory), /is not a ledger of this Syncline/);
    writeFileSync(join(directory, 'text.db'), 'not a database, but long enough to look like a header of one .....................................');
    await assert.rejects(open(directory, { url: `sqlite:${join(directory, 'text.db')}` }), withCode('STORE_UNAVAILABLE'));
  });

  it('writes nothing into a file that was moved or deleted since, and goes on where it was put back', async () => {
    const directory = join(makeFolder(), '.syncline');
    const ledger = await open(directory);
    const run = await RunDriver.start(ledger);
    await run.stage([changed('1')]);
    renameSync(directory, `${directory}.away`);
    await assert.rejects(run.stage([changed('2')]), /ledger\.db was moved, deleted or replaced .* Put it back, or restart this process/);
    renameSync(`${directory}.away`, directory);
    await run.stage([changed('2')]);
    assert.equal((await ledger.readBacklog('r_1', 0)).planned, 2);
    rmSync(directory, { recursive: true });
    const other = await open(directory);
    await assert.rejects(run.stage([changed('3')]), withCode('STORE_UNAVAILABLE'), 'another is there in its place');
    await other.close();
    await ledger.close();
  });

  it('says which path cannot be used', async () => {
    const directory = makeFolder();
    await assert.rejects(open(directory, { url: `sqlite:${join(directory, 'missing', 'ledger.db')}` }), /missing\/ledger\.db cannot be used/);
    mkdirSync(join(directory, 'ledger.db'));
    await assert.rejects(open(directory), withCode('STORE_UNAVAILABLE'));
    await assert.rejects(
      open(directory, { url: 'mysql://user:hidden@host/db' }),
      (error: Error) => withCode('STORE_UNAVAILABLE')(error) && !error.message.includes('hidden'),
    );
  });

  it('refuses another encryption key than the one that the ledger was written with', async () => {
    const directory = makeFolder();
    await (await open(directory)).close();
    const other = Buffer.alloc(32, 7).toString('base64');
    await assert.rejects(
      open(directory, { encryptionKey: other }),
      (error: Error) => withCode('SECRET_MISSING')(error) && error.message.includes('another encryption key'),
    );
    await assert.rejects(
      open(directory, { encryptionKey: 'c2hvcnQ=' }),
      (error: Error) => /SYNCLINE_ENCRYPTION_KEY is not a key/.test(error.message) && !error.message.includes('c2hvcnQ='),
    );
    const given = await open(directory, { encryptionKey: readFileSync(join(directory, 'key'), 'utf8') });
    await given.close();
  });

  it('applies the steps that are missing, in order, all or none', () => {
    const path = join(makeFolder(), 'steps.db');
    const sqlite = new DatabaseSync(path);
    const step = (version: number, sql: string) => ({ version, name: `step-${version}`, sql });
    const steps = [step(1, 'CREATE TABLE a (x)'), step(2, 'ALTER TABLE a ADD COLUMN y')];
    migrate(sqlite, path, steps.slice(0, 1));
    sqlite.exec('INSERT INTO a VALUES (1)');
    migrate(sqlite, path, steps);
    assert.throws(() => migrate(sqlite, path, [...steps, step(3, 'CREATE TABLE b (x); CREATE TABLE a (again)')]), /already exists/);
    assert.deepEqual(
      sqlite
        .prepare('SELECT version, name FROM schema_version')
        .all()
        .map((row) => `${row['version']} ${row['name']}`),
      ['1 step-1', '2 step-2'],
    );
    assert.deepEqual({ ...sqlite.prepare('SELECT * FROM a').get() }, { x: 1, y: null });
    assert.throws(() => sqlite.prepare('SELECT * FROM b'), /no such table/);
    sqlite.close();
  });

  it('numbers its steps without gaps', () => {
    assert.deepEqual(
      MIGRATIONS.map((migration) => migration.version),
      MIGRATIONS.map((_, n) => n + 1),
    );
  });
});

describe('a SQLite ledger that is busy', () => {
  it('waits for another process without stopping this one', async () => {
    const directory = makeFolder();
    const ledger = await open(directory);
    const other = new DatabaseSync(join(directory, 'ledger.db'));
    other.exec('BEGIN IMMEDIATE');
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 10);
    setTimeout(() => other.exec('COMMIT'), 700);
    const startedAt = Date.now();
    await ledger.saveWatermark('s', { value: '1' }, 1);
    const waitedMs = Date.now() - startedAt;
    clearInterval(ticking);
    assert.ok(waitedMs >= 600, `waited ${waitedMs} ms`);
    assert.ok(turns >= 5, `${turns} turns of the event loop while waiting`);
    assert.deepEqual(await ledger.readWatermark('s'), { value: '1', savedAt: 1 });
    other.close();
    await ledger.close();
  });

  it(
    'reads while another process writes',
    inTime(async () => {
      const directory = makeFolder();
      const ledger = await open(directory);
      const other = new DatabaseSync(join(directory, 'ledger.db'));
      other.exec('BEGIN IMMEDIATE');
      const startedAt = Date.now();
      assert.equal(await ledger.readWatermark('s'), undefined);
      fastEnough(Date.now() - startedAt < 300, 'it waited');
      other.exec('ROLLBACK');
      other.close();
      await ledger.close();
    }),
  );

  it('calls a statement that cannot be right a defect, and does not have it tried again', async () => {
    const ledger = await open(makeFolder());
    const run = await RunDriver.start(ledger);
    await run.stage([changed('1'), changed('2')]);
    await run.mustClaim({ batchId: 'b_1', maxRecords: 1 });
    await assert.rejects(run.claim({ batchId: 'b_1' }), withCode('INTERNAL'));
    assert.equal((await ledger.readBacklog('r_1', 0)).planned, 1, 'and nothing was changed');
    await ledger.close();
  });

  it('says so when it was closed', async () => {
    const ledger = await open(makeFolder());
    await ledger.close();
    await ledger.close();
    await assert.rejects(ledger.readRun('r_1'), /was closed/);
  });
});
