import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { it, type TestContext } from 'node:test';
import { SyncError } from '../../engine/errors.ts';
import type { JsonObject } from '../../engine/json.ts';
import { temporaryDatabases } from '../support/databases.ts';
import { query } from '../support/postgres.ts';
import { connect, resolved, send } from './connect.ts';
import { CutProxy } from './cut-proxy.ts';

const makeDatabase = temporaryDatabases();

it('a password that is refused, a database that is not there and a server that is not: each is told in a sentence that gives no password away', async (context) => {
  const url = new URL(await makeDatabase());
  url.password = 's3cret-word';
  const refused = await failure(context, url.href);
  assert.equal(refused.code, 'CREDENTIALS_REJECTED');
  assert.match(refused.message, /crm at 127\.0\.0\.1:\d+\/syncline_\w+ refuses the user "syncline"\. Check user and password/);
  const other = new URL(await makeDatabase());
  other.pathname = '/nowhere';
  const missing = await failure(context, other.href);
  assert.deepEqual([missing.code, missing.retry], ['DEFINITION_INVALID', 'never']);
  assert.match(missing.message, /there is no database "nowhere"/);
  url.port = String(await freePort());
  const down = await failure(context, url.href);
  assert.deepEqual([down.code, down.retry], ['SYSTEM_UNAVAILABLE', 'backoff']);
  assert.match(down.message, /crm is unreachable at .*ECONNREFUSED.* Is it running\?/);
  const noUrl = await failure(context, 'postgres//sync:s3cret-word@x');
  assert.equal(noUrl.code, 'DEFINITION_INVALID');
  for (const error of [refused, missing, down, noUrl]) assert.doesNotMatch(`${error.message}${error.stack}${String(error.cause)}`, /s3cret-word/);
});

it('a server elsewhere must have TLS that can be trusted, unless the URL says otherwise', async (context) => {
  const url = new URL(await makeDatabase());
  url.searchParams.set('sslmode', 'verify-full');
  const error = await failure(context, url.href);
  assert.equal(error.code, 'SYSTEM_UNAVAILABLE');
  assert.match(error.message, /no TLS that can be trusted .*sslmode=disable/);
  url.searchParams.set('sslmode', 'prefer');
  assert.match((await failure(context, url.href)).message, /sslmode that is none: there are disable, require/);
});

it('a statement that takes too long is ended by the server, and the connection is good for the next', async (context) => {
  const database = await makeDatabase();
  const slow = { select: 'SELECT 1 AS id, pg_sleep(30)', key: 'id' };
  const objects = { slow: { query: slow }, quick: { query: { select: 'SELECT 1 AS id', key: 'id' } } };
  const connection = open(context, database, {
    objects,
    timeouts: { connectMs: 60_000, headersMs: 2_000, bodyMs: 2_000, requestMs: 2_000 },
    limits: { concurrency: 1 },
  });
  const read = (name: string) => connection.source(name).readPage({ window: {}, cursor: undefined });
  await assert.rejects(read('slow'), { code: 'SYSTEM_UNAVAILABLE', message: /took longer than 2 s and was ended/ });
  assert.equal((await read('quick')).records.length, 1);
  const stop = new AbortController();
  const reading = connection.source('slow').readPage({ window: {}, cursor: undefined, signal: stop.signal });
  stop.abort(new Error('stopped'));
  await assert.rejects(reading, /stopped/);
  assert.equal((await read('quick')).records.length, 1);
});

it('a write whose COMMIT got no answer is unknown, and the same batch again doubles nothing; one that was cut before surely was not applied', async (context) => {
  const database = await makeDatabase();
  await query(database, 'CREATE TABLE people (id integer PRIMARY KEY, name text)');
  const url = new URL(database);
  const proxy = await CutProxy.start(Number(url.port));
  context.after(() => proxy.stop());
  url.port = String(proxy.port);
  const people = open(context, url.href, { objects: { people: { table: 'people' } } }).target('people', 'id');
  const batch = [{ match: '1', fields: { id: 1, name: 'Ada' } }];
  const rows = () => query(database, 'SELECT name FROM people');
  proxy.cutAt = { words: 'INSERT INTO', reaches: false };
  await assert.rejects(send(people, 'upsert', batch), { code: 'SYSTEM_UNAVAILABLE' });
  assert.deepEqual(await rows(), []);
  proxy.cutAt = { after: 'INSERT INTO', words: 'COMMIT', reaches: true };
  await assert.rejects(send(people, 'upsert', batch), { code: 'WRITE_OUTCOME_UNKNOWN' });
  assert.deepEqual(await rows(), [{ name: 'Ada' }]);
  assert.deepEqual(await send(people, 'upsert', batch), { answer: 'results', results: [{ outcome: 'written', targetId: '1', created: false }] });
  assert.deepEqual(await rows(), [{ name: 'Ada' }]);
});

it('a user without rights is told what is to be granted', async (context) => {
  const database = await makeDatabase();
  const user = `looker_${process.pid}`;
  await query(database, 'CREATE TABLE people (id integer PRIMARY KEY, name text)');
  await query(database, `CREATE ROLE ${user} LOGIN PASSWORD 'x'`);
  const url = new URL(database);
  [url.username, url.password] = [user, 'x'];
  try {
    await assert.rejects(
      open(context, url.href, { objects: { people: { table: 'people' } } })
        .source('people')
        .readPage({ window: {}, cursor: undefined }),
      {
        code: 'CREDENTIALS_REJECTED',
        message: /does not let the user "looker_\d+" do this: permission denied for table people\. Grant it/,
      },
    );
  } finally {
    await query(database, `DROP ROLE ${user}`);
  }
});

function open(context: TestContext, database: string, more: JsonObject) {
  return connect(context, resolved('', { kind: 'postgres', database, ...more }));
}

async function failure(context: TestContext, url: string): Promise<SyncError> {
  try {
    await open(context, url, {}).probe();
  } catch (error) {
    assert.ok(error instanceof SyncError, String(error));
    return error;
  }
  return assert.fail('it answered');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
