import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Page } from '../../connectors/ports.ts';
import { readFirstRecords, readWhenDone } from '../../connectors/read-when-done.ts';
import { SyncError } from '../../engine/errors.ts';
import { json, serve } from '../http/local-server.ts';
import { zipOf } from '../support/zip.ts';
import { sourceOf } from './connect.ts';
import { SalesforceOrg } from './salesforce/org.ts';

const CONTACTS = 12;
const LIST = {
  export: {
    create: {
      post: '/services/data/v66.0/jobs/query',
      body: { operation: 'query', query: "SELECT Id, LastName, Email FROM Contact{$exists(window.from) ? ' WHERE SystemModstamp >= ' & window.from : ''}" },
    },
    poll: { get: '/services/data/v66.0/jobs/query/{job}', done: ['JobComplete'], every: '20ms' },
    download: {
      get: '/services/data/v66.0/jobs/query/{job}/results',
      query: { maxRecords: 5 },
      as: 'csv',
      page: { type: 'cursor', cursor: "headers.'sforce-locator' != 'null' ? headers.'sforce-locator'", param: 'locator' },
    },
  },
};

async function exported(context: TestContext, list: unknown = LIST) {
  const org = await SalesforceOrg.start(context);
  const type = org.records.typeOf('Contact');
  assert.ok(type);
  for (let n = 0; n < CONTACTS; n++) org.records.create(type, { LastName: `P "${n}",`, ...(n === 3 ? {} : { Email: `p${n}@x.test` }) });
  // The test's own connection has no credentials: the org takes any.
  org.token = '';
  org.admit = (request) => {
    request.headers.authorization = 'Bearer ';
    return undefined;
  };
  return { org, source: sourceOf(context, org.url, { primaryKey: 'Id', list }) };
}

const codeOf = (code: string) => (error: unknown) => error instanceof SyncError && error.code === code;

describe('an export', () => {
  it('names its job in the cursor of a first page without records, and is waited for by who asks', async (context) => {
    const { org, source } = await exported(context);
    org.exports.looksUntilDone = 2;
    const first = await source.readPage({ window: {}, cursor: undefined });
    assert.deepEqual([first.records, org.exports.jobs.size], [[], 1]);
    const asked = { window: {}, cursor: first.next };
    for (let look = 0; look < 2; look++)
      await assert.rejects(
        source.readPage(asked),
        (error) => error instanceof SyncError && error.code === 'JOB_RUNNING' && typeof error.retry === 'object' && error.retry.afterMs === 20,
      );
    const pages: Page[] = [];
    for (let cursor: Page['next'] = first.next; cursor !== undefined; ) {
      const page: Page = await source.readPage({ window: {}, cursor });
      pages.push(page);
      cursor = page.next;
    }
    assert.deepEqual(
      pages.map(({ records }) => records.length),
      [5, 5, 2],
    );
    assert.deepEqual(pages[0]?.records[3]?.fields, { Id: '003000000000000004', LastName: 'P "3",', Email: null });
    assert.deepEqual(new Set(pages.map(({ observedAt }) => observedAt)), new Set([first.observedAt]), 'as old as the export');
    // Whoever is killed goes on with the same job, at the same page.
    const again = await source.readPage({ window: {}, cursor: pages[0]?.next });
    assert.deepEqual([again.records, org.exports.jobs.size], [pages[1]?.records, 1]);
  });

  it('reads a window, as its request says', async (context) => {
    const { org, source } = await exported(context);
    const changed = [...org.records.all('Contact').values()].at(-2)?.['SystemModstamp'];
    const page = await readFirstRecords(source, { window: { from: String(changed) } });
    assert.equal(page.records.length, 2);
  });

  it('that the API has lost, or gave up, is asked for anew', async (context) => {
    const { org, source } = await exported(context);
    const { next } = await source.readPage({ window: {}, cursor: undefined });
    const page = await readWhenDone(source, { window: {}, cursor: next });
    org.exports.jobs.clear();
    await assert.rejects(source.readPage({ window: {}, cursor: next }), codeOf('CURSOR_EXPIRED'));
    await assert.rejects(source.readPage({ window: {}, cursor: page.next }), codeOf('CURSOR_EXPIRED'));
    await assert.rejects(source.readPage({ window: {}, cursor: { at: 3 } }), codeOf('CURSOR_EXPIRED'));
  });

  it('that takes too long is given up, and one that was read to its end is removed; neither stops a run', async (context) => {
    const ends = { abort: { patch: '/services/data/v66.0/jobs/query/{job}', body: {} }, delete: { delete: '/services/data/v66.0/jobs/query/{job}' } };
    const { org, source } = await exported(context, { export: { ...LIST.export, ...ends, giveUpAfter: '10ms' } });
    org.exports.looksUntilDone = 1_000;
    const { next } = await source.readPage({ window: {}, cursor: undefined });
    await assert.rejects(readWhenDone(source, { window: {}, cursor: next }), codeOf('CURSOR_EXPIRED'));
    assert.deepEqual(org.exports.aborted, [...org.exports.jobs.keys()]);
    org.exports.looksUntilDone = 0;
    const page = await readFirstRecords(source, { window: {} });
    const second = await source.readPage({ window: {}, cursor: page.next });
    assert.deepEqual(org.exports.deleted, []);
    const last = { window: {}, cursor: second.next };
    org.admit = (request) => {
      request.headers.authorization = 'Bearer ';
      return request.method === 'DELETE' ? { status: 400, body: [] } : undefined;
    };
    assert.equal((await source.readPage(last)).next, undefined, 'a refusal is no failure');
    org.admit = (request) => {
      request.headers.authorization = 'Bearer ';
      return undefined;
    };
    await source.readPage(last);
    assert.deepEqual(org.exports.deleted, [[...org.exports.jobs.keys()].at(-1)]);
  });

  it('in one file that somebody removed meanwhile is fetched again, and gone on with at the same row', async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'syncline-exports-'));
    const { TMPDIR } = process.env;
    process.env['TMPDIR'] = folder;
    context.after(() => {
      if (TMPDIR === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = TMPDIR;
      rmSync(folder, { recursive: true, force: true });
    });
    const { org, source } = await exported(context, { export: { ...LIST.export, download: { get: '/file/{job}', as: 'ndjson' } } });
    let downloads = 0;
    org.admit = (request) => {
      request.headers.authorization = 'Bearer ';
      if (!request.url.startsWith('/file/')) return undefined;
      downloads += 1;
      return { status: 200, text: Array.from({ length: 6_000 }, (_, n) => `{"Id":"${n}"}\n`).join('') };
    };
    const page = await readFirstRecords(source, { window: {} });
    assert.equal(page.records.length, 5_000);
    const left = readdirSync(folder);
    assert.equal(left.length, 1);
    for (const name of left) rmSync(join(folder, name), { recursive: true });
    const rest = { window: {}, cursor: page.next };
    await assert.rejects(source.readPage(rest), codeOf('SYSTEM_UNAVAILABLE'));
    const again = await source.readPage(rest);
    assert.deepEqual([again.records[0]?.key, again.records.length, again.next, downloads], ['5000', 1_000, undefined, 2]);
  });

  it('of JSON, of pages or in an archive is fetched by what its poll tells, as a file is: a link to another host, or a part of the address', async (context) => {
    const archive = zipOf([{ name: 'rows.csv', content: 'Id\n1\n' }]);
    const server = await serve(context, (request, response) => {
      const answers: Record<string, unknown> = {
        '/exports': { id: 'j1' },
        '/exports/j1': { state: 'done', file: 'f7', json: `${files.url}/json?signed=1`, zip: `${files.url}/zip?signed=1`, none: null },
      };
      return json(response, answers[request.url] ?? { rows: [{ Id: request.url }] });
    });
    const files = await serve(context, (request, response) =>
      request.url.startsWith('/zip') ? void response.end(archive) : json(response, { rows: [{ Id: request.url }] }),
    );
    const keys = async (download: unknown) => {
      const rules = { create: { post: '/exports' }, poll: { get: '/exports/{job}', done: ['done'], every: '20ms' }, download };
      return (await readFirstRecords(sourceOf(context, server.url, { primaryKey: 'Id', list: { export: rules } }), { window: {} })).records.map(
        ({ key }) => key,
      );
    };
    const hosts = ['files.acme.com'];
    assert.deepEqual(await keys({ get: '{poll.json}', hosts, as: 'json', records: 'rows' }), ['/json?signed=1']);
    assert.deepEqual(await keys({ get: '{poll.zip}', hosts, as: 'csv', unzip: '*.csv' }), ['1']);
    assert.deepEqual(await keys({ get: '{poll.none}', hosts, as: 'json', records: 'rows' }), [], 'an export of nothing has no link');
    const paged = { get: '/files/{poll.file}', as: 'json', records: 'rows', page: { type: 'page', hasMore: 'more' } };
    assert.deepEqual(await keys(paged), ['/files/f7?page=1']);
  });

  it('is read in other forms of text, too', async (context) => {
    const rows = [
      { Id: '1', n: 1 },
      { Id: '2', n: 2 },
    ];
    for (const [as, body, records] of [
      ['ndjson', `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`, '$'],
      ['json', JSON.stringify({ rows }), 'rows'],
      ['ndjson', '{"Id":"1","n":1}', '$'],
    ] as const) {
      const { org, source } = await exported(context, { export: { ...LIST.export, download: { get: '/file/{job}', as, records } } });
      org.admit = (request) => {
        request.headers.authorization = 'Bearer ';
        return request.url.startsWith('/file/') ? { status: 200, text: body } : undefined;
      };
      const page = await readFirstRecords(source, { window: {} });
      assert.deepEqual(
        page.records.map(({ fields }) => fields),
        body.startsWith('{"Id":"1","n":1}') && !body.includes('2') ? rows.slice(0, 1) : rows,
      );
      assert.equal(page.next, undefined);
    }
  });
});
