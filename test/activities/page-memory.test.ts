import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { PageMemory } from '../../activities/page-memory.ts';
import { RestartingReader } from '../../activities/restarting-reader.ts';
import { loadProject } from '../../definition/load-project.ts';
import { resolveSync } from '../../definition/resolve-sync.ts';
import type { Json } from '../../engine/json.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { connect, resolved } from '../connectors/connect.ts';
import { makeFolder } from '../definition/make-project.ts';
import { json, type ReceivedRequest, serve } from '../http/local-server.ts';
import { RunDriver, SCOPE, skipped } from '../ledger/support/run-driver.ts';
import { smallProject } from '../support/small-api.ts';

const SIZE = 10;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

interface Told {
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the answer says of its version. @default the ETag of its body */
  readonly version?: Readonly<Record<string, string>>;
}

/** A list of the API, and how it is read by one run after the other, each of which remembers its pages. */
async function begin(
  context: TestContext,
  answer: (query: URLSearchParams, request: ReceivedRequest, response: ServerResponse) => Told | undefined,
  list: object,
) {
  const state = { notModified: 0 };
  const server = await serve(context, (request, response) => {
    const told = answer(new URL(request.url, 'http://x').searchParams, request, response);
    if (told === undefined) return;
    const version = told.version ?? { etag: `"${sha256(JSON.stringify(told.body))}"` };
    const { 'if-none-match': etag, 'if-modified-since': since } = request.headers;
    const isSame = Object.values(version).some((value) => value === etag || value === since);
    if (!isSame) return json(response, told.body, 200, { ...version, ...told.headers });
    state.notModified += 1;
    response.writeHead(304, { ...version, ...told.headers }).end();
  });
  const ledger = await openLedger({ url: 'sqlite::memory:', directory: makeFolder(context, {}), values: 'plain' });
  context.after(() => ledger.close());
  await RunDriver.start(ledger);
  const run = (await ledger.readRun('r_1')) ?? assert.fail('no run');
  const definition = resolveSync(loadProject(makeFolder(context, { 'syncline.yaml': 'name: acme\n', ...smallProject(server.url) }), { env: {} }), 'people');
  const errors = [{ when: 'status = 410', outcome: 'cursor-expired', message: 'body.message' }];
  const source = connect(context, resolved(server.url, { objects: { contacts: { list } }, errors })).source('contacts');
  const readAll = async () => {
    const memory = new PageMemory({ ledger, sha256, now: Date.now }, { definition, run, references: new Map(), scope: SCOPE, used: [], sensitiveFields: [] });
    const reader = new RestartingReader({
      readPage: ({ cursor, signal, isAnew }) => memory.read(source, { window: {}, cursor, signal }, isAnew),
      onRestart: () => undefined,
    });
    const keys = new Set<string>();
    let cursor: Json | undefined;
    state.notModified = 0;
    do {
      const page = await reader.readPage(cursor, new AbortController().signal);
      for (const { key } of page.remembered?.records ?? page.records) keys.add(key);
      await memory.keep(page, { records: page.records.map(({ key }) => skipped(key)), hashes: new Map(), maxCursorValue: undefined });
      cursor = page.next;
    } while (cursor !== undefined);
    return keys.size;
  };
  return { state, readAll };
}

function pageOf(count: number, page: number): readonly { readonly id: number }[] {
  return Array.from({ length: count }, (_, index) => ({ id: index + 1 })).slice((page - 1) * SIZE, page * SIZE);
}

describe('a page that was the last, and is as it was', () => {
  it('leads on where a header tells of a next page by now', async (context) => {
    const api = { count: 20 };
    const { state, readAll } = await begin(
      context,
      (query, { headers: { host } }) => {
        const page = Number(query.get('page') ?? 1);
        const link = page * SIZE < api.count ? { link: `<http://${host}/c?page=${page + 1}>; rel="next"` } : undefined;
        return { body: pageOf(api.count, page), ...(link === undefined ? {} : { headers: link }) };
      },
      { get: '/c', records: '$', page: { type: 'next-url' } },
    );
    assert.equal(await readAll(), 20);
    assert.deepEqual([await readAll(), state.notModified], [20, 1], 'the page that is not the last');
    api.count = 25;
    assert.equal(await readAll(), 25);
    api.count = 29;
    assert.deepEqual([await readAll(), state.notModified], [29, 2]);
  });

  it('leads on where a header tells of more records by now', async (context) => {
    const api = { count: 20 };
    const { state, readAll } = await begin(
      context,
      (query) => ({ body: pageOf(api.count, Number(query.get('page') ?? 1)), headers: { 'x-total-count': String(api.count) } }),
      { get: '/c', records: '$', page: { type: 'page', total: "$number(headers.'x-total-count')" } },
    );
    assert.equal(await readAll(), 20);
    api.count = 25;
    assert.deepEqual([await readAll(), state.notModified], [25, 1]);
  });

  it('is not asked for whole where its body tells that it is the last', async (context) => {
    const { state, readAll } = await begin(
      context,
      (query) => {
        const page = Number(query.get('page') ?? 1);
        return { body: { data: pageOf(20, page), more: page < 2 } };
      },
      { get: '/c', records: 'data', page: { type: 'page', hasMore: 'more' } },
    );
    assert.equal(await readAll(), 20);
    assert.deepEqual([await readAll(), state.notModified], [20, 2]);
  });
});

describe('a page that is as it was', () => {
  for (const [status, name] of [
    [410, 'is read again where the cursor that it gave has expired'],
    [400, 'is read again where the cursor that it gave is refused'],
  ] as const) {
    it(name, async (context) => {
      const api = { session: 1, refused: 0 };
      const version = { 'last-modified': new Date(Date.now() - 3_600_000).toUTCString() };
      const { state, readAll } = await begin(
        context,
        (query, _request, response) => {
          const [session, page = 1] = (query.get('cursor') ?? `${api.session}`).split('-').map(Number);
          if (session === api.session) return { body: { data: pageOf(30, page), next: page < 3 ? `${api.session}-${page + 1}` : null }, version };
          api.refused += 1;
          json(response, { message: 'unknown cursor' }, status);
          return undefined;
        },
        { get: '/c', records: 'data', page: { type: 'cursor', cursor: 'next', param: 'cursor' } },
      );
      assert.equal(await readAll(), 30);
      for (api.session = 2; api.session <= 3; api.session++)
        assert.deepEqual([await readAll(), api.refused, state.notModified], [30, api.session - 1, 1], `in session ${api.session}`);
      api.session = 3;
      assert.deepEqual([await readAll(), state.notModified], [30, 3], 'what was read again is remembered');
    });
  }
});
