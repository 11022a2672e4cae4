import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type RestartingOptions, RestartingReader } from '../../activities/restarting-reader.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { Json } from '../../engine/json.ts';
import { connect, resolved } from '../connectors/connect.ts';
import { json, serve } from '../http/local-server.ts';

const SIZE = 10;
const at = (id: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, id)).toISOString();
const ORDER: RestartingOptions['order'] = { field: compileExpression('updated_at'), lookbackMs: 0 };

/** A list of 100 whose cursors are good for so many pages each time; tells how far it was asked for from where. */
async function begin(
  context: TestContext,
  more: { readonly good: (walk: number) => number; readonly order?: RestartingOptions['order']; readonly isBackwards?: boolean },
) {
  const people = Array.from({ length: 100 }, (_, id) => ({ id, updated_at: at(id) }));
  if (more.isBackwards === true) people.reverse();
  const starts: string[] = [];
  const state = { left: 0, starts };
  const server = await serve(context, ({ url }, response) => {
    const query = new URL(url, 'http://x').searchParams;
    const cursor = query.get('after');
    if (cursor === null) {
      state.starts.push(query.get('since') ?? '');
      state.left = more.good(state.starts.length);
    }
    if (state.left-- <= 0) return json(response, { message: 'cursor is no longer valid' }, 410);
    const found = people.filter((person) => person.updated_at > (query.get('since') ?? ''));
    const start = Number(cursor ?? 0);
    json(response, { data: found.slice(start, start + SIZE), ...(start + SIZE < found.length ? { next: String(start + SIZE) } : {}) });
  });
  const contacts = {
    list: {
      get: '/contacts',
      query: { since: { value: '{window.from}', optional: true } },
      records: 'data',
      page: { type: 'cursor', cursor: 'next', param: 'after' },
    },
  };
  const errors = [{ when: 'status = 410', outcome: 'cursor-expired', message: 'body.message' }];
  const source = connect(context, resolved(server.url, { objects: { contacts }, errors })).source('contacts');
  const restarts: string[] = [];
  const open = () =>
    new RestartingReader({
      readPage: ({ from, cursor, signal }) => source.readPage({ window: from === undefined ? {} : { from }, cursor, signal }),
      order: more.order,
      onRestart: (reason) => restarts.push(reason),
    });
  return { state, restarts, open };
}

/** Each page by a reader of its own, from the stored cursor, as if the process had died in between. */
async function readByTurns(open: () => RestartingReader, keys: string[] = []): Promise<readonly string[]> {
  const { signal } = new AbortController();
  let cursor: Json | undefined;
  for (let pages = 0; pages < 200; pages++) {
    const page = await open().readPage(cursor, signal);
    keys.push(...page.records.map((record) => record.key));
    if (page.next === undefined) return keys;
    cursor = JSON.parse(JSON.stringify(page.next));
  }
  return assert.fail('no end');
}

const distinct = (keys: readonly string[]) => new Set(keys).size;

describe('a cursor that expires in the middle of a list', () => {
  it('lets the list be read again from its beginning, and nothing is lost', async (context) => {
    const { restarts, open } = await begin(context, { good: (walk) => (walk === 1 ? 7 : 100) });
    const keys = await readByTurns(open);
    assert.deepEqual([distinct(keys), keys.length, restarts.length], [100, 170, 1]);
    assert.match(restarts[0] ?? '', /cursor is no longer valid/);
  });

  it('lets an ordered list be read on from the last value, less a step', async (context) => {
    const { state, restarts, open } = await begin(context, { good: () => 3, order: ORDER });
    const keys = await readByTurns(open);
    assert.deepEqual([distinct(keys), restarts.length], [100, 3]);
    assert.equal(state.starts[1], new Date(Date.parse(at(29)) - 1).toISOString());
    assert.ok(keys.length < 110, `${keys.length} records read`);
  });

  it('does not trust an order that the list does not keep', async (context) => {
    const { state, open } = await begin(context, { good: (walk) => (walk === 1 ? 3 : 100), order: ORDER, isBackwards: true });
    assert.equal(distinct(await readByTurns(open)), 100);
    assert.deepEqual(state.starts, ['', '']);
  });

  it('again and again at the same place ends the read with a sentence', async (context) => {
    const { state, open } = await begin(context, { good: () => 4 });
    const keys: string[] = [];
    await assert.rejects(readByTurns(open, keys), {
      code: 'CURSOR_EXPIRED',
      retry: 'never',
      message: /crm forgot its paging cursor: cursor is no longer valid.* It was read again 3 times and got no further\. Read the object in smaller parts/,
    });
    assert.equal(state.starts.length, 4);
  });

  it('is not given up as long as each walk gets further', async (context) => {
    const { state, open } = await begin(context, { good: (walk) => 1 + walk });
    assert.equal(distinct(await readByTurns(open)), 100);
    assert.ok(state.starts.length > 5, `${state.starts.length} walks`);
  });
});
