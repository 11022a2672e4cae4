import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openLedger } from '../../ledger/open-ledger.ts';
import { Database } from '../../ledger/postgres/database.ts';
import { migrate } from '../../ledger/postgres/migrate.ts';
import { MIGRATIONS } from '../../ledger/postgres/migrations/index.ts';
import { temporaryDatabases } from '../support/databases.ts';
import { query } from '../support/postgres.ts';
import { temporaryFolders } from './support/folders.ts';
import { changed, RunDriver, withCode } from './support/run-driver.ts';

const makeFolder = temporaryFolders();
const makeDatabase = temporaryDatabases();
const PASSWORD = 'hidden-s3cret';

const open = (url: string, more: { readonly directory?: string; readonly encryptionKey?: string } = {}) =>
  openLedger({ url, directory: makeFolder(), values: 'plain', ...more });

function changedUrl(url: string, change: (parts: URL) => void): string {
  const parts = new URL(url);
  change(parts);
  return parts.href;
}

/** Refused, with that sentence and no password in it. */
const refused = (retry: string, sentence: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Error && 'retry' in error && withCode('STORE_UNAVAILABLE')(error));
  assert.match(error.message, sentence);
  assert.ok(!JSON.stringify([error.message, String(error.cause), error.stack]).includes(PASSWORD));
  assert.equal(error.retry, retry);
  return true;
};

describe('opening a PostgreSQL ledger', () => {
  it('finds again what an earlier process has kept', async () => {
    const [url, directory] = [await makeDatabase(), makeFolder()];
    const first = await open(url, { directory });
    await (await RunDriver.start(first)).stage([changed('1')]);
    await first.close();
    const second = await open(url, { directory });
    assert.equal((await second.readBacklog('r_1', 0)).planned, 1);
    await second.close();
  });

  it('writes no file where its key is given: the project may be one that can only be read', async () => {
    const directory = join(makeFolder(), '.syncline');
    const ledger = await open(await makeDatabase(), { directory, encryptionKey: randomBytes(32).toString('base64') });
    await ledger.close();
    assert.ok(!existsSync(directory));
  });

  it('by several at once lets one of them make the tables', async () => {
    const [url, directory] = [await makeDatabase(), makeFolder()];
    const ledgers = await Promise.all(Array.from({ length: 6 }, () => open(url, { directory })));
    for (const [n, ledger] of ledgers.entries()) await ledger.saveCredential('a', String(n), { n }, 1);
    assert.deepEqual(await ledgers[3]?.readCredential('a', '0'), { n: 0 });
    for (const ledger of ledgers) await ledger.close();
  });

  it('keeps to a schema of its own, in a database that others use', async () => {
    const url = await makeDatabase();
    await query(url, 'CREATE TABLE runs (distance integer)');
    await (await open(url)).close();
    const tables = await query(url, `SELECT schemaname FROM pg_tables WHERE tablename = 'runs' ORDER BY 1`);
    assert.deepEqual(
      tables.map((row) => row['schemaname']),
      ['public', 'syncline'],
    );
  });

  it('refuses tables of a newer program, and leaves them as they are', async () => {
    const url = await makeDatabase();
    await (await open(url)).close();
    await query(url, `INSERT INTO syncline.schema_version VALUES (${MIGRATIONS.length + 1}, 'from the future', 1)`);
    await assert.rejects(
      open(url),
      refused('never', /was written by a newer Syncline \(version \d+ of its tables; this one knows \d+\): update Syncline here/),
    );
  });

  it('refuses another encryption key than the one that the ledger was written with', async () => {
    const url = await makeDatabase();
    await (await open(url)).close();
    const other = Buffer.alloc(32, 7).toString('base64');
    await assert.rejects(
      open(url, { encryptionKey: other }),
      (error: Error) => withCode('SECRET_MISSING')(error) && /another encryption key: all that use it need the same one/.test(error.message),
    );
  });

  it('applies the steps that are missing, in order, all or none', async () => {
    const database = new Database(await makeDatabase());
    const step = (version: number, sql: string) => ({ version, name: `step-${version}`, sql });
    const steps = [step(1, 'CREATE TABLE a (x integer)'), step(2, 'ALTER TABLE a ADD COLUMN y integer')];
    await migrate(database, steps.slice(0, 1));
    await database.script('INSERT INTO a VALUES (1)');
    await migrate(database, steps);
    await assert.rejects(migrate(database, [...steps, step(3, 'CREATE TABLE b (x integer); CREATE TABLE a (again integer)')]), withCode('INTERNAL'));
    assert.deepEqual(await database.all('SELECT version, name FROM schema_version ORDER BY version'), [
      { version: 1, name: 'step-1' },
      { version: 2, name: 'step-2' },
    ]);
    assert.deepEqual(await database.all('SELECT * FROM a'), [{ x: 1, y: null }]);
    assert.deepEqual(await database.get(`SELECT to_regclass('b') IS NULL AS is_missing`), { is_missing: 1 });
    await database.close();
  });

  it('numbers its steps without gaps', () => {
    assert.deepEqual(
      MIGRATIONS.map((migration) => migration.version),
      MIGRATIONS.map((_, n) => n + 1),
    );
  });
});

describe('a PostgreSQL ledger that cannot be opened says why, and never its password', () => {
  it('where the server does not answer', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    server.close();
    await assert.rejects(
      open(`postgres://syncline:${PASSWORD}@127.0.0.1:${port}/sync`),
      refused('backoff', new RegExp(`at 127\\.0\\.0\\.1:${port} does not answer \\(.*ECONNREFUSED.*\\)\\. Check that it runs, and host and port`)),
    );
  });

  it('where something else answers', async () => {
    const server = createServer((socket) => socket.end('220 mail.example ESMTP\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await assert.rejects(open(`postgres://syncline:${PASSWORD}@127.0.0.1:${port}/sync`), refused('backoff', /does not answer/));
    server.close();
  });

  it('where the password is wrong', async () => {
    const url = changedUrl(await makeDatabase(), (parts) => {
      parts.password = PASSWORD;
    });
    await assert.rejects(open(url), refused('never', /refuses the user "syncline"\. Check the user and the password/));
  });

  it('where there is no such database', async () => {
    const url = changedUrl(await makeDatabase(), (parts) => {
      parts.pathname = '/nowhere';
    });
    await assert.rejects(open(url), refused('never', /has no database "nowhere"\. Make it \(createdb -h 127\.0\.0\.1 nowhere\)/));
  });

  it('where the user may not make tables', async () => {
    const url = await makeDatabase();
    const name = new URL(url).pathname.slice(1);
    await query(url, `CREATE ROLE guest_of_${name} LOGIN PASSWORD '${PASSWORD}'`);
    const guest = changedUrl(url, (parts) => {
      parts.username = `guest_of_${name}`;
      parts.password = PASSWORD;
    });
    await assert.rejects(open(guest), refused('never', /does not let the user "guest_of_.*" do what the ledger needs\. Make it the owner of the database/));
    await query(url, `DROP ROLE guest_of_${name}`);
  });

  it('where the URL is none', async () => {
    await assert.rejects(open(`postgres://syncline:${PASSWORD}#1@[`), refused('never', /is no URL: write postgres:\/\/USER:PASSWORD@HOST/));
    await assert.rejects(open(`mysql://syncline:${PASSWORD}@host/db`), refused('never', /The ledger "mysql:…" is none: use "sqlite"/));
  });
});
