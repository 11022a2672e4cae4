import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WindowGuard } from '../../activities/window-guard.ts';

const DAY = { from: '2026-01-02T00:00:00.000Z', to: '2026-01-03T00:00:00.000Z' };

/** Of records with these places, those that a window has, and whether more pages are read. */
async function guarded(places: readonly (string | undefined)[], window = DAY, isOrdered = false) {
  const records = places.map((at, index) => ({ key: String(index), fields: at === undefined ? {} : { at } }));
  const pages = { readPage: async () => ({ records, next: 'more', observedAt: 1, bytes: 1, requests: 1 }) };
  const guard = new WindowGuard(pages, { window, placeOf: async ({ fields }) => (typeof fields['at'] === 'string' ? fields['at'] : undefined), isOrdered });
  const page = await guard.readPage(undefined, new AbortController().signal);
  return { kept: page.records.map(({ fields }) => fields['at']), hasMore: page.next !== undefined };
}

test('what lies at the end of a window, or outside, is not of it; what lies at its beginning is', async () => {
  const { kept } = await guarded(['2026-01-01T23:59:59.999Z', DAY.from, '2026-01-02T12:00:00+02:00', '2026-01-03T01:00:00+02:00', DAY.to]);
  assert.deepEqual(kept, [DAY.from, '2026-01-02T12:00:00+02:00', '2026-01-03T01:00:00+02:00']);
});

test('what names no instant is kept: no other window would have it', async () => {
  const { kept, hasMore } = await guarded([undefined, 'never', 'N/A', '2026-01-05T00:00:00Z'], DAY, true);
  assert.deepEqual([kept, hasMore], [[undefined, 'never', 'N/A'], true]);
});

test('instants are compared however each is written', async () => {
  const [before, within, after] = ['2026-01-01T12:00:00Z', '2026-01-02T12:00:00Z', '2026-01-03T12:00:00Z'].map((text) => Date.parse(text));
  const ms = [before, within, after].map(String);
  assert.deepEqual((await guarded(ms)).kept, [ms[1]]);
  const epochs = { from: String(Date.parse(DAY.from)), to: String(Date.parse(DAY.to)) };
  assert.deepEqual((await guarded(['2026-01-01T12:00:00Z', '2026-01-02T12:00:00Z', '2026-01-03T12:00:00Z'], epochs)).kept, ['2026-01-02T12:00:00Z']);
});

test('a list in order has ended after a page that lies beyond', async () => {
  assert.equal((await guarded(['2026-01-03T00:00:00Z', '2026-01-04T00:00:00Z'], DAY, true)).hasMore, false);
  assert.equal((await guarded(['2026-01-03T00:00:00Z', '2026-01-04T00:00:00Z'], DAY, false)).hasMore, true);
});
