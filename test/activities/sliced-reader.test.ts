import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PageReader } from '../../activities/read-page.ts';
import { SlicedReader } from '../../activities/sliced-reader.ts';
import type { Json } from '../../engine/json.ts';
import { planSlices, type SliceRule } from '../../engine/slices.ts';
import { sourceOf } from '../connectors/connect.ts';
import { json, type LocalServer, serve } from '../http/local-server.ts';
import { fastEnough, inTime } from '../support/in-time.ts';

const SIZE = 10;
const LIST = {
  get: '/contacts',
  query: { min: { value: '{slice.from}', optional: true }, max: { value: '{slice.to}', optional: true } },
  records: 'data',
  page: { type: 'cursor', cursor: 'next', param: 'after' },
};
const IDS: SliceRule = { by: 'ids', size: 50, from: 0, to: 400 };
const { signal } = new AbortController();

/** 400 records in pages of 10 by id, between bounds that the API leaves out; counts requests at once. */
async function begin(context: TestContext, { ids = Array.from({ length: 400 }, (_, index) => index), latencyMs = 2 } = {}) {
  const state = { atOnce: 0, most: 0, failing: (_min: number) => 200 };
  const server = await serve(context, async ({ url }, response) => {
    const query = new URL(url, 'http://x').searchParams;
    const [min, max] = [Number(query.get('min') ?? -1), Number(query.get('max') ?? Infinity)];
    state.most = Math.max(state.most, ++state.atOnce);
    await sleep(latencyMs);
    state.atOnce -= 1;
    const status = state.failing(min);
    const found = ids.filter((id) => id > Math.max(min, Number(query.get('after') ?? -1)) && id < max);
    const next = found.length > SIZE ? String(found[SIZE - 1]) : undefined;
    json(response, { data: found.slice(0, SIZE).map((id) => ({ id })), ...(next === undefined ? {} : { next }) }, status);
  });
  const open = (rule: SliceRule, parallel: number): PageReader => {
    const source = sourceOf(context, server.url, { list: LIST });
    return new SlicedReader({
      parallel,
      plan: (until) => planSlices(rule, { isOfWindow: false, until }),
      openSlice: (slice) => ({ readPage: (cursor, abort) => source.readPage({ window: {}, slice, cursor, signal: abort }) }),
      now: Date.now,
    });
  };
  return { server, state, ids, open };
}

interface ReadOn {
  readonly keys: string[];
  readonly cursor: Json | undefined;
  readonly isDone: boolean;
}

async function readPages(reader: PageReader, from: Json | undefined, atMost = 1_000): Promise<ReadOn> {
  const keys: string[] = [];
  let cursor = from;
  for (let pages = 0; pages < atMost; pages++) {
    const page = await reader.readPage(cursor, signal);
    keys.push(...page.records.map((record) => record.key));
    cursor = page.next;
    if (cursor === undefined) return { keys, cursor, isDone: true };
  }
  return { keys, cursor, isDone: false };
}

const sorted = (keys: Iterable<string>) => [...new Set(keys)].map(Number).toSorted((one, other) => one - other);
const urls = (server: LocalServer) => server.received.map(({ url }) => url);

describe('slices read side by side', () => {
  it('give each record once, as many slices at once as allowed', async (context) => {
    const { server, state, ids, open } = await begin(context, { latencyMs: 50 });
    const { keys, isDone } = await readPages(open(IDS, 4), undefined);
    assert.ok(isDone);
    assert.deepEqual(
      keys.map(Number).toSorted((one, other) => one - other),
      ids,
    );
    assert.equal(state.most, 4);
    assert.equal(new Set(urls(server)).size, server.received.length, 'no page is read twice');
  });

  it(
    'are several times as fast by eight as one by one',
    inTime(async (context) => {
      const { open } = await begin(context, { latencyMs: 40 });
      const took = async (parallel: number) => {
        const beganAt = performance.now();
        await readPages(open(IDS, parallel), undefined);
        return performance.now() - beganAt;
      };
      const alone = await took(1);
      const together = await took(8);
      fastEnough(together * 3 < alone, `${alone} ms one by one, ${together} ms by eight`);
    }),
  );

  it('go on from the cursor of any page, reading nothing again but what was under way', async (context) => {
    const { server, ids, open } = await begin(context);
    for (const pages of [1, 2, 7, 23, 39]) {
      const before = await readPages(open(IDS, 4), undefined, pages);
      const stored: Json | undefined = before.cursor === undefined ? undefined : JSON.parse(JSON.stringify(before.cursor));
      await sleep(20);
      const sentBefore = urls(server).splice(0);
      server.received.length = 0;
      const after = await readPages(open(IDS, 4), stored);
      assert.deepEqual(sorted([...before.keys, ...after.keys]), ids);
      assert.equal(before.keys.length + after.keys.length, ids.length, 'no record is met twice');
      const again = urls(server).filter((url) => sentBefore.includes(url));
      assert.ok(again.length <= 4, `${again.length} pages read again`);
      server.received.length = 0;
    }
  });

  it('finish what is under way, and the next reader goes on', async (context) => {
    const { server, ids, open } = await begin(context);
    const keys: string[] = [];
    let cursor: Json | undefined;
    do {
      const reader = open(IDS, 4);
      do {
        const page = await reader.readPage(cursor, signal);
        keys.push(...page.records.map((record) => record.key));
        cursor = page.next;
      } while (cursor !== undefined && reader.finish?.() === true);
    } while (cursor !== undefined);
    assert.deepEqual(sorted(keys), ids);
    assert.equal(server.received.length, new Set(urls(server)).size, 'no page is read twice');
  });

  it('give out what the others have read before one of them fails', async (context) => {
    const { state, ids, open } = await begin(context);
    state.failing = (min) => (min === 99 ? 400 : 200);
    const met: string[] = [];
    await assert.rejects(
      async () => {
        const reader = open(IDS, 4);
        let cursor: Json | undefined;
        for (;;) {
          const page = await reader.readPage(cursor, signal);
          met.push(...page.records.map((record) => record.key));
          cursor = page.next;
        }
      },
      { code: 'REQUEST_REJECTED' },
    );
    state.failing = () => 200;
    assert.deepEqual(sorted((await readPages(open(IDS, 4), undefined)).keys), ids);
  });

  it('of ids lose nothing behind a gap, where no end is given', async (context) => {
    const ids = [1, 2, 3, 55, 5_000, 5_001, 9_999];
    const { server, open } = await begin(context, { ids });
    const { keys } = await readPages(open({ by: 'ids', size: 50, from: 0 }, 3), undefined);
    assert.deepEqual(sorted(keys), ids);
    assert.ok(server.received.length <= 8, `${server.received.length} requests`);
  });

  it('tell no total, which would be of one slice, and the start of the read by the source', async (context) => {
    const { open } = await begin(context);
    const beganAt = Date.now();
    const page = await open(IDS, 4).readPage(undefined, signal);
    assert.equal(page.total, undefined);
    assert.ok((page.serverTime ?? Infinity) <= beganAt + 5, 'not after the first request');
  });
});
