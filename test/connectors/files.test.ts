import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import type { Page, Source } from '../../connectors/ports.ts';
import type { JsonObject } from '../../engine/json.ts';
import { connect, keysOf, readAll, resolved } from './connect.ts';

it('a CSV file is read a page at a time, and from any byte where a page ended: quotes, line breaks, a byte order mark, nulls and empty texts', async (context) => {
  const text = '\uFEFFid,name,,note\r\n1,"a, ""b""\nc",x,\r\n2,ü "q",,""\r\n\r\n3,"last",y,z';
  const source = files(context, { 'people.csv': text }, { path: 'people.csv', pageRecords: 1 });
  const pages = await readAll(source);
  const fields = pages.flatMap(({ records }) => records.map((record) => record.fields));
  assert.deepEqual(fields, [
    { id: '1', name: 'a, "b"\nc', note: null },
    { id: '2', name: 'ü "q"', note: '' },
    { id: '3', name: 'last', note: 'z' },
  ]);
  for (const [n, page] of pages.slice(0, 3).entries()) assert.deepEqual(keysOf(await readAll(source, page.next)), ['2', '3'].slice(n), `after page ${n}`);
});

it('a CSV file of another dialect: semicolons, Latin-1, single quotes, columns and words for null named by the definition', async (context) => {
  const text = Buffer.from("7;'Zoë; A'\n8;'ça'\n9;'-'\n", 'latin1');
  const rule = { path: 'old.txt', delimiter: ';', quote: "'", encoding: 'latin1', columns: ['nr', 'name'], key: 'nr', nulls: ['-'] };
  const [page] = await readAll(files(context, { 'old.txt': text }, rule));
  assert.deepEqual(page?.records, [
    { key: '7', fields: { nr: '7', name: 'Zoë; A' } },
    { key: '8', fields: { nr: '8', name: 'ça' } },
    { key: '9', fields: { nr: '9', name: null } },
  ]);
});

it('a CSV file whose lines end with a carriage return alone is read like any other, from any byte where a page ended', async (context) => {
  const text = '\uFEFFid,"na\nme"\r1,"a\nb"\r2,ü\r\r3,c';
  const source = files(context, { 'people.csv': text }, { path: 'people.csv', pageRecords: 1 });
  const pages = await readAll(source);
  const fields = pages.flatMap(({ records }) => records.map((record) => record.fields));
  assert.deepEqual(fields, [
    { id: '1', 'na\nme': 'a\nb' },
    { id: '2', 'na\nme': 'ü' },
    { id: '3', 'na\nme': 'c' },
  ]);
  for (const [n, page] of pages.slice(0, 3).entries()) assert.deepEqual(keysOf(await readAll(source, page.next)), ['2', '3'].slice(n), `after page ${n}`);
  const [page] = await readAll(files(context, { 'people.csv': 'id,name\r\r\n1,a\rb\n' }, { path: 'people.csv' }));
  assert.deepEqual(page?.records[0]?.fields, { id: '1', name: 'a\rb' }, 'where lines end otherwise it is a character of a value');
});

it('a file in UTF-16 is refused, whatever its format', async (context) => {
  const found = { 'a.csv': '\uFEFFid,name\r\n1,a\r\n', 'b.csv': 'id,name\r\n1,a\r\n', 'c.ndjson': '\uFEFF{"id": 1}\n', 'd.json': '\uFEFF[{"id": 1}]' };
  for (const [file, text] of Object.entries(found)) {
    const utf16 = Buffer.from(text, 'utf16le');
    for (const bytes of [utf16, Buffer.from(utf16).swap16()]) {
      const source = files(context, { [file]: bytes }, { path: file, pageRecords: 1 });
      await assert.rejects(readAll(source), { code: 'CONTRACT_BROKEN', message: /is written in UTF-16\. Save it as UTF-8/ }, file);
    }
  }
});

it('a row that cannot be read is told of by file and line, page after page, and the others go on', async (context) => {
  const text = 'id,name\n1,a\n2,b,c\n3\n,d\n5,e\n';
  const pages = await readAll(files(context, { 'people.csv': text }, { path: 'people.csv', pageRecords: 2 }));
  assert.deepEqual(keysOf(pages), ['1', '5']);
  assert.deepEqual(unreadableOf(pages), [
    ['people.csv:3', 'people.csv, line 3: it has 3 values for 2 columns'],
    ['people.csv:4', 'people.csv, line 4: it has 1 value for 2 columns'],
    ['people.csv:5', 'people.csv, line 5: it has no value in its key (id)'],
  ]);
});

it('a quote that is never closed stops the read: nothing behind it can be told apart', async (context) => {
  const source = files(context, { 'people.csv': 'id,name\n1,a\n2,"open\n3,c\n' }, { path: 'people.csv' });
  await assert.rejects(readAll(source), { code: 'CONTRACT_BROKEN', message: /people\.csv, after line 2: a quote is opened and never closed/ });
  const twins = files(context, { 'people.csv': 'id,name,id\n1,a,2\n' }, { path: 'people.csv' });
  await assert.rejects(readAll(twins), { code: 'CONTRACT_BROKEN', message: /two columns of people\.csv are named "id"/ });
});

it('NDJSON is read line by line, also where a line is no object; large numbers stay whole', async (context) => {
  const text = '{"id": 9007199254740993, "list": [1]}\r\n\nnot json\n[1]\n{"id": "x"}';
  const pages = await readAll(files(context, { 'a.ndjson': text }, { path: 'a.ndjson', pageRecords: 2 }));
  assert.deepEqual(
    pages.flatMap(({ records }) => records),
    [
      { key: '9007199254740993', fields: { id: '9007199254740993', list: [1] } },
      { key: 'x', fields: { id: 'x' } },
    ],
  );
  assert.deepEqual(
    unreadableOf(pages).map(([key]) => key),
    ['a.ndjson:3', 'a.ndjson:4'],
  );
});

it('JSON is a list, or has one in a field', async (context) => {
  const text = JSON.stringify({ data: [{ id: 1 }, { id: 2 }, 'x', { id: 3 }] });
  const pages = await readAll(files(context, { 'a.json': text }, { path: 'a.json', records: 'data', pageRecords: 2 }));
  assert.deepEqual(keysOf(pages), ['1', '2', '3']);
  assert.deepEqual(
    unreadableOf(pages).map(([key]) => key),
    ['a.json:3'],
  );
  await assert.rejects(readAll(files(context, { 'a.json': text }, { path: 'a.json' })), { code: 'CONTRACT_BROKEN', message: /no list at its root/ });
});

it('the files of a pattern are read in the order of their names; that there is none is no empty list', async (context) => {
  const found = { 'in/b.csv': 'id\n3\n', 'in/a.csv': 'id\n1\n2\n', 'in/c.txt': 'id\n9\n', 'in/deep/d.csv': 'id\n4\n' };
  assert.deepEqual(keysOf(await readAll(files(context, found, { path: 'in/*.csv' }))), ['1', '2', '3']);
  assert.deepEqual(keysOf(await readAll(files(context, found, { path: 'in/**/*.csv' }))), ['1', '2', '3', '4']);
  await assert.rejects(readAll(files(context, found, { path: 'out/*.csv' })), {
    code: 'SYSTEM_UNAVAILABLE',
    message: /no file is there that fits out\/\*\.csv/,
  });
  await assert.rejects(readAll(files(context, found, { path: 'gone.csv' })), { code: 'SYSTEM_UNAVAILABLE', message: /there is no file gone\.csv/ });
});

it('a file that is changed while it is read is noticed, and read again from its beginning', async (context) => {
  const folder = makeFolder(context, { 'people.csv': 'id\n1\n2\n3\n' });
  const source = open(context, folder, { path: 'people.csv', pageRecords: 1 });
  const first = await source.readPage({ window: {}, cursor: undefined });
  appendFileSync(join(folder, 'people.csv'), '4\n');
  await assert.rejects(source.readPage({ window: {}, cursor: first.next }), { code: 'CURSOR_EXPIRED', message: /people\.csv was changed while it was read/ });
});

it('a large file is read in constant memory', async (context) => {
  const folder = makeFolder(context, {});
  const thousands = process.env['SYNCLINE_TEST_LONG'] === '1' ? 1_000 : 20;
  for (let n = 0; n < thousands; n++) {
    const lines = Array.from({ length: 1_000 }, (_, index) => `${n * 1_000 + index},"name ${index}",Basel\n`);
    appendFileSync(join(folder, 'big.csv'), `${n === 0 ? 'id,name,city\n' : ''}${lines.join('')}`);
  }
  const source = open(context, folder, { path: 'big.csv' });
  let [records, cursor, most]: [number, Page['next'], number] = [0, undefined, 0];
  const before = process.memoryUsage().rss;
  do {
    const page: Page = await source.readPage({ window: {}, cursor });
    records += page.records.length;
    cursor = page.next;
    most = Math.max(most, process.memoryUsage().rss - before);
  } while (cursor !== undefined);
  assert.equal(records, thousands * 1_000);
  assert.ok(most < 250_000_000, `${most} bytes`);
});

function files(context: TestContext, found: Readonly<Record<string, string | Buffer>>, rule: JsonObject): Source {
  return open(context, makeFolder(context, found), rule);
}

function makeFolder(context: TestContext, found: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-files-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(found)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function open(context: TestContext, folder: string, file: JsonObject): Source {
  return connect(context, resolved('', { kind: 'files', folder, objects: { people: { file } } })).source('people');
}

function unreadableOf(pages: readonly Page[]): readonly (readonly [string, string])[] {
  return pages.flatMap(({ unreadable = [] }) => unreadable.map(({ key, message }) => [key, message] as const));
}
