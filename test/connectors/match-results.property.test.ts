import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { outgoing } from './connect.ts';
import { matcher } from './matcher.ts';

describe('whatever the answer', () => {
  interface Entry {
    readonly place: number;
    readonly isRefused: boolean;
  }

  const batch = fc.integer({ min: 1, max: 12 }).map((size) => Array.from({ length: size }, (_, index) => outgoing(`u${index}@x.test`, {}, `t${index}`)));
  const entries = fc.uniqueArray(fc.record({ place: fc.nat({ max: 15 }), isRefused: fc.boolean() }), { selector: (entry) => entry.place, maxLength: 16 });
  const entryOf = ({ place, isRefused }: Entry) => ({ id: `t${place}`, email: `U${place}@x.test`, ref: String(place), ...(isRefused ? { error: 'no' } : {}) });

  for (const by of ['id', 'match', 'ref'] as const) {
    it(`each record gets one result, and is written only where the answer names it so (by ${by})`, async () => {
      const match = matcher({ at: 'items', by, error: 'error', id: 'id' });
      await fc.assert(
        fc.asyncProperty(batch, entries, async (records, listed) => {
          const { results } = await match(records, { items: listed.map(entryOf) });
          assert.equal(results.length, records.length);
          for (const [place, result] of results.entries()) {
            const named = listed.find((entry) => entry.place === place);
            assert.equal(result.outcome, named === undefined ? 'unknown' : named.isRefused ? 'rejected' : 'written');
            if (result.outcome === 'written') assert.equal(result.targetId, `t${place}`);
          }
        }),
      );
    });
  }

  it('each record gets one result, and none is written by an answer of another shape', async () => {
    const match = matcher({ at: 'items', by: 'ref', id: 'id' }, { failures: { at: 'errors', key: 'ref', message: 'm' } });
    await fc.assert(
      fc.asyncProperty(batch, fc.jsonValue(), async (records, body) => {
        const { results } = await match(records, JSON.parse(JSON.stringify(body)));
        assert.equal(results.length, records.length);
        assert.ok(results.every((result) => result.outcome !== 'written'));
      }),
    );
  });
});
