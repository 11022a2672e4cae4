import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closing, type OpenStore } from './open-store.ts';

export function lookupsConformance(openStore: OpenStore): void {
  describe('lookups', () => {
    const open = closing(openStore);

    it('find the distinct ids of each value, at most three', async () => {
      const ledger = await open();
      const entries = [
        { value: 'ada@x.test', id: 1 },
        { value: 'ada@x.test', id: 1 },
        { value: 'bob@x.test', id: '1' },
        { value: 'bob@x.test', id: 1 },
        ...['p', 'q', 'r', 's'].map((id) => ({ value: 'many', id })),
        { value: 'O\'Hara "x" ü', id: { a: null } },
      ];
      await ledger.addLookupEntries('r_1', 'owner', entries);
      await ledger.addLookupEntries('r_1', 'owner', entries);
      const found = await ledger.findLookupEntries('r_1', 'owner', ['ada@x.test', 'bob@x.test', 'many', 'O\'Hara "x" ü', 'nobody']);
      assert.deepEqual(found.get('ada@x.test'), [1]);
      assert.deepEqual(new Set(found.get('bob@x.test')), new Set(['1', 1]));
      assert.equal(found.get('many')?.length, 3);
      assert.deepEqual(found.get('O\'Hara "x" ü'), [{ a: null }]);
      assert.equal(found.has('nobody'), false);
      assert.equal(await ledger.countLookupEntries('r_1', 'owner'), 8);
    });

    it('are apart by run and by name, and are forgotten with the run', async () => {
      const ledger = await open();
      await ledger.addLookupEntries('r_1', 'owner', [{ value: 'a', id: 1 }]);
      await ledger.addLookupEntries('r_1', 'team', [{ value: 'a', id: 2 }]);
      await ledger.addLookupEntries('r_2', 'owner', [{ value: 'a', id: 3 }]);
      assert.deepEqual((await ledger.findLookupEntries('r_1', 'owner', ['a'])).get('a'), [1]);
      await ledger.dropLookups('r_1');
      assert.equal((await ledger.findLookupEntries('r_1', 'team', ['a'])).size, 0);
      assert.deepEqual((await ledger.findLookupEntries('r_2', 'owner', ['a'])).get('a'), [3]);
    });

    it('take 20,000 entries and answer for 5,000 values at once', async () => {
      const ledger = await open('encrypted');
      const entries = Array.from({ length: 20_000 }, (_, n) => ({ value: `v${n}`, id: n }));
      await ledger.addLookupEntries('r_1', 'owner', entries);
      const found = await ledger.findLookupEntries(
        'r_1',
        'owner',
        entries.slice(0, 5_000).map((entry) => entry.value),
      );
      assert.deepEqual([found.size, found.get('v4999')], [5_000, [4_999]]);
    });
  });
}
