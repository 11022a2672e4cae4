import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import type { OpenConnection, OutgoingRecord, Source, Target } from '../../connectors/ports.ts';
import { SyncError } from '../../engine/errors.ts';
import type { Json, JsonObject } from '../../engine/json.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { safeStart } from '../../engine/window.ts';
import { connect, keysOf, readAll, resolved, send } from './connect.ts';
import { type TestDatabase, testDatabases } from './sql-databases.ts';

const HOSTILE = `Robert'); DROP TABLE "people"; --`;
const makers = testDatabases();

for (const kind of ['postgres', 'sqlite'] as const) {
  describe(`a database, ${kind}`, () => {
    it('is read page by page in the order of its key, each row once, and goes on from any page after a crash', async (context) => {
      const { database, open } = await start(context, kind);
      await database.run('CREATE TABLE people (id integer PRIMARY KEY, name text)');
      await database.run(`INSERT INTO people SELECT n, 'p' || n FROM (${numbers(25)}) AS numbers`);
      const source = open({ people: { table: { name: 'people', pageRows: 10 } } }).source('people');
      const pages = await readAll(source);
      assert.deepEqual(
        pages.map(({ records }) => records.length),
        [10, 10, 5],
      );
      assert.deepEqual(keysOf(pages).map(Number), range(25));
      assert.deepEqual(keysOf(await readAll(source, pages[0]?.next)).map(Number), range(25).slice(10));
      assert.deepEqual(pages[0]?.records[0], { key: '1', fields: { id: 1, name: 'p1' } });
    });

    it('is read from a window on, in the order of its column; rows of one moment are not torn apart by a page, and rows without one are met by a full read', async (context) => {
      const { database, open } = await start(context, kind);
      await database.run(`CREATE TABLE notes (id text PRIMARY KEY, changed ${kind === 'postgres' ? 'timestamptz' : 'text'})`);
      for (const n of range(12)) await database.run(`INSERT INTO notes VALUES ('n${n}', ${n === 12 ? 'NULL' : `'2026-01-0${n <= 3 ? 1 : 2}T00:00:00.000Z'`})`);
      const source = open({ notes: { table: { name: 'notes', pageRows: 3 }, orderedBy: 'changed' } }).source('notes');
      const since = await windowed(source, { from: '2026-01-02T00:00:00.000Z' });
      assert.deepEqual(
        since.toSorted(),
        range(11)
          .slice(3)
          .map((n) => `n${n}`)
          .toSorted(),
      );
      assert.deepEqual((await windowed(source, { from: '2025-01-01T00:00:00.000Z', to: '2026-01-01T12:00:00.000Z' })).toSorted(), ['n1', 'n2', 'n3']);
      assert.ok((await windowed(source, { to: '2026-01-01T12:00:00.000Z' })).includes('n12'), 'the first part has what lies in none');
      assert.equal((await windowed(source, {})).length, 12);
    });

    it('is read from a window on by a text with a zone of its own, and not where zones differ: texts of these do not sort by time', async (context) => {
      const { database, open } = await start(context, kind);
      await database.run('CREATE TABLE notes (id text PRIMARY KEY, changed text)');
      for (const hour of ['08', '09', '10', '11']) await database.run(`INSERT INTO notes VALUES ('n${hour}', '2026-08-01T${hour}:00:00-05:00')`);
      const source = open({ notes: { table: 'notes', orderedBy: 'changed' } }).source('notes');
      const from = safeStart('2026-08-01T10:00:00-05:00', 0);
      assert.deepEqual(await windowed(source, { from }), ['n10', 'n11']);
      await database.run(`INSERT INTO notes VALUES ('odd', 'never'), ('other', '2026-08-01T12:00:00-04:00')`);
      assert.match(await failsWith('DEFINITION_INVALID', windowed(source, { from })), /"changed" is text, and its times are in different zones/);
      assert.equal((await windowed(source, {})).length, 6, 'all of it is read by the key');
      await database.run(`UPDATE notes SET changed = 'Sat, 01 Aug 2026 10:00:00 GMT'`);
      assert.match(await failsWith('DEFINITION_INVALID', windowed(source, { from: 'Sat, 01 Aug 2026 09:00:00 GMT' })), /in a form that does not sort by time/);
    });

    it('is read from a window on by numbers, whether they count seconds or anything else', async (context) => {
      const { database, open } = await start(context, kind);
      await database.run('CREATE TABLE notes (id integer PRIMARY KEY, changed bigint)');
      await database.run(`INSERT INTO notes SELECT n, 1785585000 + n FROM (${numbers(5)}) AS numbers`);
      const source = open({ notes: { table: 'notes', orderedBy: 'changed' } }).source('notes');
      assert.deepEqual(await windowed(source, { from: '1785585004' }), ['4', '5']);
      await database.run('UPDATE notes SET changed = id');
      assert.deepEqual(await windowed(source, { from: '4' }), ['4', '5']);
      // Nothing says what type these are, and they are more than a number of JavaScript holds.
      for (const computed of ['max(changed, 0)', 'max(changed, 0) + 9007199254740993', "changed || '1785585000'"]) {
        const select = `SELECT id, ${kind === 'postgres' ? computed.replace('max', 'greatest') : computed} AS at FROM notes`;
        const rows = open({ notes: { query: { select, key: 'id', pageRows: 2 }, orderedBy: 'at' } }).source('notes');
        const places = (await readAll(rows)).flatMap(({ records }) => records.map(({ fields }) => String(fields['at'])));
        assert.equal(places.length, 5);
        assert.deepEqual(await windowed(rows, { from: places[1] ?? '' }), ['2', '3', '4', '5'], computed);
        assert.deepEqual(await windowed(rows, { from: places[1] ?? '', to: places[3] ?? '' }), ['2', '3', '4'], computed);
      }
    });

    it('is read by a statement of its user, which may name its columns, and end with a comment and a semicolon', async (context) => {
      const { database, open } = await start(context, kind);
      await database.run('CREATE TABLE a (id integer PRIMARY KEY, name text)');
      await database.run(`INSERT INTO a SELECT n, 'p' || n FROM (${numbers(5)}) AS numbers`);
      const select = `WITH few AS (SELECT * FROM a WHERE id > 1) SELECT id AS "number", upper(name) AS name FROM few -- all; of them\n;`;
      const source = open({ few: { query: { select, key: 'number', pageRows: 2 } } }).source('few');
      assert.deepEqual(keysOf(await readAll(source)), ['2', '3', '4', '5']);
      assert.deepEqual(await source.readOne?.('3'), { key: '3', fields: { number: 3, name: 'P3' } });
      assert.equal(await source.readOne?.('1'), undefined);
    });

    it('gives what it holds as JSON that loses nothing', async (context) => {
      const { database, open } = await start(context, kind);
      await database.run(kind === 'postgres' ? POSTGRES_TYPES : SQLITE_TYPES);
      const [page] = await readAll(open({ kinds: { table: 'kinds' } }).source('kinds'));
      assert.deepEqual(
        page?.records.map(({ fields }) => fields),
        kind === 'postgres' ? POSTGRES_VALUES : SQLITE_VALUES,
      );
    });

    it('has keys of several columns, whatever is in them', async (context) => {
      const { database, open } = await start(context, kind);
      await database.run('CREATE TABLE pairs (source text, id text, name text, PRIMARY KEY (source, id))');
      await database.run(`INSERT INTO pairs VALUES ('a/b', 'c', 'one'), ('a', 'b/c', 'two'), ('a\\', 'x', 'three')`);
      const source = open({ pairs: { table: { name: 'pairs', pageRows: 1 } } }).source('pairs');
      const keys = keysOf(await readAll(source));
      assert.equal(new Set(keys).size, 3);
      const names = await Promise.all(keys.map(async (key) => (await source.readOne?.(key))?.fields['name']));
      assert.deepEqual(names.toSorted(), ['one', 'three', 'two']);
    });

    it('takes no write over a source, whatever the statement says', async (context) => {
      const { database, open } = await start(context, kind);
      await database.run('CREATE TABLE people (id integer PRIMARY KEY)');
      const read = (select: string) => readAll(open({ people: { query: { select, key: 'id' } } }).source('people'));
      await failsWith('DEFINITION_INVALID', read('SELECT id FROM people) AS x; INSERT INTO people VALUES (1); SELECT * FROM (SELECT 1'));
      await failsWith('DEFINITION_INVALID', read('SELECT 1 AS id; INSERT INTO people VALUES (1)'));
      if (kind === 'postgres') {
        await database.run(`CREATE FUNCTION sneak() RETURNS integer LANGUAGE sql AS 'INSERT INTO people VALUES (1) RETURNING id'`);
        assert.match(await failsWith('DEFINITION_INVALID', read('SELECT sneak() AS id')), /takes no writes here.*A source is read-only/);
      }
      assert.deepEqual(await database.run('SELECT * FROM people'), []);
    });

    it('tells what it has not, and what was probably meant', async (context) => {
      const { database, open } = await start(context, kind);
      await database.run('CREATE TABLE people (id integer PRIMARY KEY, name text)');
      const message = (object: Json) => failsWith('DEFINITION_INVALID', open({ people: object }).source('people').readPage({ window: {}, cursor: undefined }));
      assert.match(await message({ table: 'peoples' }), /there is no table peoples .*did you mean "people"/);
      assert.match(await message({ table: 'people', orderedBy: 'nam' }), /has no column "nam" \(did you mean "name"\?\)/);
      assert.match(await message({ query: { select: 'SELECT nme FROM people', key: 'id' } }), /nme/);
      assert.match(await message({ query: { select: 'SELECT id, name AS id FROM people', key: 'id' } }), /two columns named "id"/);
      await database.run('CREATE VIEW shown AS SELECT id, name FROM people');
      assert.match(await message({ table: 'shown' }), /has no primary key: name the columns/);
    });

    it('is not read past rows that nothing tells apart', async (context) => {
      const { database, open } = await start(context, kind);
      await database.run('CREATE TABLE loose (id integer, name text)');
      await database.run(`INSERT INTO loose VALUES (1, 'a'), (2, 'b'), (NULL, 'c')`);
      const source = open({ loose: { table: { name: 'loose', key: 'id' } } }).source('loose');
      assert.match(await failsWith('CONTRACT_BROKEN', readAll(source)), /no value in its key \(id\)/);
      await database.run('UPDATE loose SET id = 2 WHERE id IS NULL');
      assert.match(await failsWith('CONTRACT_BROKEN', readAll(source)), /two rows have the same key/);
    });

    it('makes its table at the first write, adds what comes later, and drops nothing', async (context) => {
      const { target } = await start(context, kind);
      const people = target({ table: { name: 'people', createTable: true, widen: true, columns: { age: 'integer' }, syncedAt: 'synced' } });
      assert.deepEqual((await people.search(['1'])).size, 0);
      const first = await send(people, 'upsert', rows({ id: 1, name: 'Ada', tags: ['a'], note: null }, { id: 2, name: HOSTILE, tags: null, note: null }));
      assert.deepEqual(first, { answer: 'results', results: [written('1', true), written('2', true)] });
      const second = await send(people, 'upsert', rows({ id: 2, name: 'Bob', age: 7, note: 'x', [`"; drop table people; --`]: true }));
      assert.deepEqual(second, { answer: 'results', results: [written('2', false)] });
      const found = await people.search(['1', '2', '3']);
      assert.deepEqual([...found.keys()], ['1', '2']);
      const { synced, ...fields } = found.get('2')?.[0]?.fields ?? {};
      assert.match(String(synced), /^\d{4}-\d\d-\d\dT.*Z$/);
      assert.deepEqual(fields, { id: 2, name: 'Bob', tags: null, age: 7, note: 'x', [`"; drop table people; --`]: true });
      assert.deepEqual(found.get('1')?.[0]?.fields['tags'], ['a']);
    });

    it('changes no table unless it may', async (context) => {
      const { database, target } = await start(context, kind);
      assert.match(
        await failsWith('DEFINITION_INVALID', send(target({ table: 'people' }), 'upsert', rows({ id: 1 }))),
        /there is no table people.*createTable: true/,
      );
      await database.run('CREATE TABLE people (id integer, name text)');
      const message = await failsWith('DEFINITION_INVALID', send(target({ table: { name: 'people', key: 'id' } }), 'upsert', rows({ id: 1, nam: 'x' })));
      assert.match(message, /no column "nam" \(did you mean "name"\?\).*widen: true/);
      const noIndex = await failsWith('DEFINITION_INVALID', send(target({ table: { name: 'people', key: 'id' } }), 'upsert', rows({ id: 1, name: 'x' })));
      assert.match(noIndex, /no unique index .* is on id/);
      assert.deepEqual(await database.run('SELECT * FROM people'), []);
    });

    it('changes and deletes rows by their key, and says which are gone', async (context) => {
      const { database, target } = await start(context, kind);
      await database.run(
        `CREATE TABLE people (id ${kind === 'postgres' ? 'integer GENERATED BY DEFAULT AS IDENTITY' : 'integer'} PRIMARY KEY, email text UNIQUE, name text)`,
      );
      const people = target({ table: 'people' }, 'email');
      const made = await send(people, 'create', [{ match: 'a@x.test', fields: { email: 'a@x.test', name: 'A' } }]);
      assert.deepEqual(made, { answer: 'results', results: [{ outcome: 'written', targetId: '1' }] });
      const changed = await send(people, 'update', [
        { match: 'b@x.test', targetId: '1', fields: { email: 'b@x.test' } },
        { match: 'c@x.test', targetId: '9', fields: { email: 'c@x.test' } },
      ]);
      assert.deepEqual(outcomes(changed), ['written', 'target-missing']);
      assert.deepEqual(await database.run('SELECT * FROM people'), [{ id: 1, email: 'b@x.test', name: 'A' }]);
      const gone = await send(people, 'delete', [
        { match: 'b@x.test', targetId: '1', fields: {} },
        { match: 'c@x.test', targetId: '9', fields: {} },
      ]);
      assert.deepEqual(outcomes(gone), ['written', 'written']);
      assert.deepEqual(await database.run('SELECT * FROM people'), []);
    });

    it('is matched on several columns together', async (context) => {
      const { database, target } = await start(context, kind);
      const people = target({ table: { name: 'people', createTable: true } }, 'source + id');
      const record = (source: string, id: string, name: string): OutgoingRecord => ({ match: `${source}/${id}`, fields: { source, id, name } });
      await send(people, 'upsert', [record('crm', '1', 'A'), record('shop', '1', 'B')]);
      const again = await send(people, 'upsert', [record('shop', '1', 'C')]);
      assert.deepEqual(again, { answer: 'results', results: [written('shop/1', false)] });
      assert.deepEqual(await database.run('SELECT source, name FROM people ORDER BY source'), [
        { source: 'crm', name: 'A' },
        { source: 'shop', name: 'C' },
      ]);
      assert.deepEqual((await people.search(['crm/1', 'crm/2'])).get('crm/1')?.[0]?.id, 'crm/1');
    });

    it('writes nothing of a batch whose claim is gone, and nothing beside a row that it refuses is lost', async (context) => {
      const { database, target } = await start(context, kind);
      await database.run('CREATE TABLE people (id integer PRIMARY KEY, age integer CHECK (age > 0))');
      const people = target({ table: 'people' });
      const permit = await people.acquirePermit();
      const gone = new SyncError({ code: 'CLAIM_LOST', retry: { afterMs: 1 }, message: 'gone' });
      const late = people.send({ id: 'b', kind: 'upsert', records: rows({ id: 1, age: 1 }), permit, checkBeforeDispatch: () => Promise.reject(gone) });
      await assert.rejects(late, gone);
      assert.deepEqual(await database.run('SELECT * FROM people'), []);
      assert.deepEqual(await halved(people, 'upsert', rows({ id: 1, age: 1 }, { id: 2, age: -1 }, { id: 3, age: 3 }, { id: 4, age: 4 })), [
        'written',
        'api-rejected',
        'written',
        'written',
      ]);
      assert.deepEqual(
        (await database.run('SELECT id FROM people ORDER BY id')).map(({ id }) => id),
        [1, 3, 4],
      );
    });

    it('takes more batches at once than it has places, one after another', async (context) => {
      const { database, target } = await start(context, kind, { limits: { concurrency: 1 } });
      const people = target({ table: { name: 'people', createTable: true, widen: true } });
      const batches = range(8).map((n) => send(people, 'upsert', rows({ id: n, [`c${n}`]: 'x' })));
      for (const answer of await Promise.all(batches)) assert.equal(answer.answer, 'results');
      assert.equal((await database.run('SELECT * FROM people')).length, 8);
    });

    it('is written by several targets at once that all find columns missing', async (context) => {
      const { database, target } = await start(context, kind);
      const targets = range(4).map(() => target({ table: { name: 'people', createTable: true, widen: true } }));
      const answers = await Promise.all(targets.map((people, n) => send(people, 'upsert', rows({ id: n, name: 'x', age: 1 }))));
      assert.deepEqual(answers.flatMap(outcomes), ['written', 'written', 'written', 'written']);
      assert.equal((await database.run('SELECT * FROM people')).length, 4);
    });

    it('looks values up that its columns cannot hold, and does not find them', async (context) => {
      const { database, target, open } = await start(context, kind);
      await database.run('CREATE TABLE people (id integer PRIMARY KEY, name text)');
      await database.run(`INSERT INTO people VALUES (1, 'A'), (2, 'B')`);
      assert.deepEqual([...(await target({ table: 'people' }).search(['1', 'none', '99999999999999999999', '2'])).keys()], ['1', '2']);
      assert.equal(
        await open({ people: { table: 'people' } })
          .source('people')
          .readOne?.('none'),
        undefined,
      );
    });
  });
}

it('an SQLite file that another one is put in the place of is read anew', async (context) => {
  const { database, open } = await start(context, 'sqlite');
  await database.run('CREATE TABLE people (id integer PRIMARY KEY)');
  const source = open({ people: { table: 'people' } }).source('people');
  assert.deepEqual(keysOf(await readAll(source)), []);
  const next = await makers.sqlite();
  await next.run('CREATE TABLE people (id integer PRIMARY KEY)');
  await next.run('INSERT INTO people VALUES (7)');
  renameSync(next.place, database.place);
  assert.deepEqual(keysOf(await readAll(source)), ['7']);
});

it('an SQLite file that is not there yet is no trouble where the first run makes its table, and its folder is there', async (context) => {
  const { place } = await makers.sqlite();
  const probe = (database: string, table: JsonObject) => connect(context, resolved('', { kind: 'sqlite', database, objects: { people: { table } } })).probe();
  await probe(place, { name: 'people', createTable: true });
  const missing = { code: 'DEFINITION_INVALID', message: /there is no file / };
  await assert.rejects(probe(place, { name: 'people' }), missing);
  await assert.rejects(probe(`${place}/nowhere/people.db`, { name: 'people', createTable: true }), missing);
});

const POSTGRES_TYPES = `CREATE TABLE kinds (id int8 PRIMARY KEY, n numeric, f float8, b bool, t text, at timestamptz, local timestamp, d date, j jsonb, l int[], m text[][], x bytea, u uuid, e interval);
  INSERT INTO kinds VALUES
  (9007199254740993, 12345678901234567890.123, 'NaN', true, E'q\\u00fc\\n\\'"', '2026-03-29 03:30:00.123456+02', '2026-03-29 02:30:00', '2026-02-28', '{"big": 9007199254740993, "list": [1, null]}', '{1,NULL}', '{{a,"b,\\"c"}}', '\\x00ff', '0E984725-C51C-4BF4-9960-E1C80E27ABA0', '1 day 2 hours'),
  (2, 12.50, 0.1, false, '', 'infinity', NULL, NULL, 'null', '{}', NULL, NULL, NULL, NULL)`;
const POSTGRES_VALUES = [
  { id: 2, n: 12.5, f: 0.1, b: false, t: '', at: 'infinity', local: null, d: null, j: null, l: [], m: null, x: null, u: null, e: null },
  {
    id: '9007199254740993',
    n: '12345678901234567890.123',
    f: 'NaN',
    b: true,
    t: `qü\n'"`,
    at: '2026-03-29T01:30:00.123456Z',
    local: '2026-03-29T02:30:00',
    d: '2026-02-28',
    j: { big: '9007199254740993', list: [1, null] },
    l: [1, null],
    m: [['a', 'b,"c']],
    x: 'AP8=',
    u: '0e984725-c51c-4bf4-9960-e1c80e27aba0',
    e: 'P1DT2H',
  },
];
const SQLITE_TYPES = `CREATE TABLE kinds (id integer PRIMARY KEY, n real, b boolean, t text, at datetime, j json, x blob);
INSERT INTO kinds VALUES (2, 0.1, 0, '', '2026-01-01 00:00:00', 'no json', NULL), (9007199254740993, 1e300, 1, 'qü', NULL, '{"big": 9007199254740993}', x'00ff')`;
const SQLITE_VALUES = [
  { id: 2, n: 0.1, b: false, t: '', at: '2026-01-01 00:00:00', j: 'no json', x: null },
  { id: '9007199254740993', n: 1e300, b: true, t: 'qü', at: null, j: { big: '9007199254740993' }, x: 'AP8=' },
];

async function start(context: TestContext, kind: TestDatabase['kind'], more: JsonObject = {}) {
  const database = await makers[kind]();
  const open = (objects: JsonObject): OpenConnection => connect(context, resolved('', { kind, database: database.place, objects, ...more }));
  const target = (object: JsonObject, matchOn = 'id'): Target => open({ people: object }).target('people', matchOn);
  return { database, open, target };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function numbers(count: number): string {
  return range(count)
    .map((n) => `SELECT ${n} AS n`)
    .join(' UNION ALL ');
}

function rows(...records: readonly JsonObject[]): OutgoingRecord[] {
  return records.map((fields) => ({ match: String(fields['id']), fields }));
}

function written(targetId: string, created: boolean) {
  return { outcome: 'written', targetId, created };
}

function outcomes(answer: Awaited<ReturnType<Target['send']>>): string[] {
  if (answer.answer !== 'results') return [answer.answer];
  return answer.results.map((result) => (result.outcome === 'rejected' ? result.rejection.reason : result.outcome));
}

/** As the writer does it: a batch that is refused as a whole is sent in halves. */
async function halved(target: Target, kind: ChangeKind, records: readonly OutgoingRecord[]): Promise<string[]> {
  const answer = await send(target, kind, records);
  if (answer.answer !== 'refused') return outcomes(answer);
  if (records.length === 1) return [answer.rejection.reason];
  const middle = records.length / 2;
  return [...(await halved(target, kind, records.slice(0, middle))), ...(await halved(target, kind, records.slice(middle)))];
}

async function windowed(source: Source, window: { from?: string; to?: string }): Promise<string[]> {
  const keys: string[] = [];
  for (let cursor: Json | undefined, isMore = true; isMore; isMore = cursor !== undefined) {
    const page = await source.readPage({ window, cursor });
    keys.push(...page.records.map(({ key }) => key));
    cursor = page.next;
  }
  return keys;
}

async function failsWith(code: string, work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => assert.fail(`expected ${code}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof SyncError, String(error));
  assert.equal(error.code, code, error.message);
  return error.message;
}
