import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Source } from '../../connectors/ports.ts';
import { json, type LocalServer, serve } from '../http/local-server.ts';
import { keysOf, readAll, sourceOf } from './connect.ts';

const SIZE = 10;

/** A list in order of its ids, which a test changes while it is read: after each answer. */
interface Shifting {
  ids: number[];
  afterPage: (page: number, ids: number[]) => void;
  /** What the API does with an offset. */
  takes: (offset: number) => number | 'refuse';
}

type Ending = 'total' | 'hasMore' | 'size' | 'nothing';
const ENDINGS: Readonly<Record<Ending, { readonly [key: string]: unknown }>> = {
  total: { total: 'total' },
  hasMore: { hasMore: 'more' },
  size: { size: { param: 'limit', max: SIZE } },
  nothing: {},
};

async function begin(
  context: TestContext,
  page: { readonly [key: string]: unknown },
  count: number,
): Promise<{ server: LocalServer; source: Source; list: Shifting; warnings: string[] }> {
  const list: Shifting = { ids: Array.from({ length: count }, (_, index) => index + 1), afterPage: () => undefined, takes: (offset) => offset };
  const server = await serve(context, ({ url }, response) => {
    const query = new URL(url, 'http://x').searchParams;
    const asked = query.has('offset') ? Number(query.get('offset')) : (Number(query.get('page')) - 1) * SIZE;
    const offset = list.takes(asked);
    if (offset === 'refuse') return json(response, { message: 'offset must be a multiple of limit' }, 400);
    const data = list.ids.slice(offset, offset + SIZE).map((id) => ({ id }));
    json(response, { data, total: list.ids.length, more: offset + SIZE < list.ids.length });
    list.afterPage(server.received.length, list.ids);
  });
  const warnings: string[] = [];
  const source = sourceOf(context, server.url, { list: { get: '/contacts', records: 'data', page } }, { onWarning: ({ message }) => warnings.push(message) });
  return { server, source, list, warnings };
}

const readNumbers = async (source: Source) => keysOf(await readAll(source, undefined, 400)).map(Number);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const missing = (read: readonly number[], wanted: readonly number[]) => wanted.filter((id) => !read.includes(id));

describe('a list that shifts while it is walked by offset', () => {
  for (const [ending, rule] of Object.entries(ENDINGS)) {
    const page = { type: 'offset', ...rule };

    it(`is read once and in few requests where nothing goes (${ending})`, async (context) => {
      const { server, source, warnings } = await begin(context, page, 95);
      assert.deepEqual(await readNumbers(source), upTo(95));
      assert.ok(server.received.length <= 12, `${server.received.length} requests`);
      assert.deepEqual(warnings, []);
    });

    for (const [name, gone] of Object.entries({ 'one record': 1, 'more than the pages overlap': 3, 'more than a page': 17 })) {
      it(`loses nothing when ${name} of it goes from its beginning (${ending})`, async (context) => {
        const { source, list } = await begin(context, page, 95);
        list.afterPage = (answered, ids) => void (answered === 4 && ids.splice(0, gone));
        assert.deepEqual(missing(await readNumbers(source), upTo(95)), []);
      });
    }

    it(`loses nothing when it shrinks below the place of the last page (${ending})`, async (context) => {
      const { source, list } = await begin(context, page, 31);
      list.afterPage = (answered, ids) => void (answered === 3 && ids.splice(2, 8));
      assert.deepEqual(missing(await readNumbers(source), upTo(31)), []);
    });

    it(`loses nothing when a record that was read moves to the end of the next page (${ending})`, async (context) => {
      const { server, source, list, warnings } = await begin(context, page, 50);
      list.afterPage = (answered, ids) => void (answered === 2 && ids.splice(27, 0, ...ids.splice(15, 1)));
      assert.deepEqual(missing(await readNumbers(source), upTo(50)), []);
      assert.ok(server.received.length <= 9, `${server.received.length} requests`);
      assert.deepEqual(warnings, []);
    });

    it(`loses nothing when one does so while others go (${ending})`, async (context) => {
      const { source, list } = await begin(context, page, 50);
      list.afterPage = (answered, ids) => {
        if (answered !== 2) return;
        const moved = ids.splice(15, 1);
        ids.splice(0, 3);
        ids.splice(26, 0, ...moved);
      };
      assert.deepEqual(missing(await readNumbers(source), upTo(50)), []);
    });

    it(`loses nothing when more than a page of records comes before those that were read (${ending})`, async (context) => {
      for (const count of [9, 10, 13, 17, 30]) {
        const { source, list } = await begin(context, page, 50);
        list.afterPage = (answered, ids) => void (answered === 2 && ids.unshift(...upTo(count).map((id) => 1_000 + id)));
        assert.deepEqual(missing(await readNumbers(source), upTo(50)), [], `${count} records`);
      }
    });

    it(`loses nothing when records come before those that were read (${ending})`, async (context) => {
      const { source, list } = await begin(context, page, 95);
      list.afterPage = (answered, ids) => void (answered % 3 === 0 && answered < 12 && ids.unshift(1_000 + answered, 2_000 + answered));
      assert.deepEqual(missing(await readNumbers(source), upTo(95)), []);
    });
  }

  it('whatever comes and goes: what was there all the time is read', async (context) => {
    const steps = fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 60 }),
        gone: fc.integer({ min: 0, max: 14 }),
        come: fc.integer({ min: 0, max: 30 }),
        moved: fc.option(fc.integer({ min: 0, max: 60 })),
      }),
      {
        maxLength: 6,
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(ENDINGS)), fc.integer({ min: 0, max: 70 }), steps, async (ending, count, changes) => {
        const found = Object.entries(ENDINGS).find(([name]) => name === ending)?.[1];
        const { server, source, list } = await begin(context, { type: 'offset', ...found }, count);
        let fresh = 10_000;
        const stayed = new Set(list.ids);
        list.afterPage = (answered, ids) => {
          const change = changes[answered - 1];
          if (change === undefined) return;
          const moved = change.moved === null ? [] : ids.splice(change.at, 1);
          for (const id of moved) stayed.delete(id);
          ids.splice(change.moved ?? 0, 0, ...moved);
          for (const id of ids.splice(change.at, change.gone)) stayed.delete(id);
          ids.splice(change.at, 0, ...Array.from({ length: change.come }, () => fresh++));
        };
        const read = await readNumbers(source);
        await server.stop();
        assert.deepEqual(missing(read, [...stayed]), []);
      }),
      { numRuns: 60 },
    );
  });

  for (const [name, takes] of Object.entries<Shifting['takes']>({
    'rounds offsets down': (offset) => Math.floor(offset / SIZE) * SIZE,
    'refuses offsets that are no multiple of the page size': (offset) => (offset % SIZE === 0 ? offset : 'refuse'),
  })) {
    for (const [ending, rule] of Object.entries(ENDINGS)) {
      it(`is read whole where the API ${name} (${ending})`, async (context) => {
        for (const count of [100, 95]) {
          const { server, source, list } = await begin(context, { type: 'offset', ...rule }, count);
          list.takes = takes;
          assert.deepEqual(await readNumbers(source), upTo(count));
          assert.ok(server.received.length <= 13, `${server.received.length} requests`);
        }
      });
    }

    it(`is walked a second time where its total becomes less and the API ${name}`, async (context) => {
      const { source, list } = await begin(context, { type: 'offset', total: 'total' }, 95);
      list.takes = takes;
      list.afterPage = (answered, ids) => void (answered === 4 && ids.splice(0, 3));
      assert.deepEqual(missing(await readNumbers(source), upTo(95)), []);
    });
  }

  it('is read to its end, and a warning given, where its pages have nothing in common', async (context) => {
    const { server, source, list, warnings } = await begin(context, { type: 'offset', total: 'total' }, 95);
    list.afterPage = (answered, ids) => void (answered < 9 && ids.splice(0, 95, ...upTo(95).map((id) => answered * 1_000 + id)));
    await readNumbers(source);
    assert.ok(server.received.length <= 25, `${server.received.length} requests`);
    assert.match(warnings.join('\n'), /crm\.contacts\.list keeps no order from one page to the next/);
  });
});

describe('a list that shifts while it is walked by page numbers', () => {
  const page = { type: 'page', total: 'total' };

  it('is walked a second time where its total becomes less, and no third time', async (context) => {
    const { server, source, list } = await begin(context, page, 95);
    list.afterPage = (answered, ids) => void (answered % 4 === 0 && ids.splice(0, 2));
    assert.deepEqual(missing(await readNumbers(source), upTo(95)), []);
    assert.ok(server.received.length <= 20, `${server.received.length} requests`);
  });

  it('is walked once where nothing goes', async (context) => {
    const { server, source, list } = await begin(context, page, 95);
    list.afterPage = (answered, ids) => void (answered === 4 && ids.push(96, 97));
    assert.deepEqual(await readNumbers(source), upTo(97));
    assert.equal(server.received.length, 10);
  });
});
