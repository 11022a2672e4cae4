import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunOutcome } from '../../../ledger/outcome-store.ts';
import { changed, held, NEVER, RunDriver, rejected, skipped, unchanged, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function outcomesConformance(openStore: OpenStore): void {
  describe('the outcomes of a run', () => {
    const open = closing(openStore);

    it('come page by page, each once: what was sent, then what reading decided; what was found as it was is left out', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([changed('1'), changed('2'), changed('3'), rejected('4'), held('5'), unchanged('6'), skipped('7')]);
      const first = await run.mustClaim({ maxRecords: 2 });
      await run.settle(first, ({ id, key }) => (key === '2' ? { changeId: id, outcome: 'rejected', rejection: NEVER } : written(id, { targetId: `t-${key}` })));
      const lost = await run.mustClaim();
      await run.lose(lost);
      await run.close();
      const other = await RunDriver.start(ledger, { id: 'r_2', scope: 'acme/dev/people' });
      await other.stage([changed('8'), rejected('9')]);
      await other.close();
      const all: RunOutcome[] = [];
      let pages = 0;
      for (let after: string | undefined; pages === 0 || after !== undefined; pages++) {
        const page = await ledger.listRunOutcomes(run.id, { limit: 2, ...(after === undefined ? {} : { after }) });
        assert.ok(page.outcomes.length > 0);
        all.push(...page.outcomes);
        after = page.next;
      }
      assert.equal(pages, 3);
      assert.deepEqual(all.slice(0, 2).toSorted(byKey), [
        { key: '1', outcome: 'written', kind: 'upsert', targetId: 't-1' },
        { key: '2', outcome: 'rejected', kind: 'upsert', rejection: NEVER },
      ]);
      assert.deepEqual(all.map(({ key, outcome, reason, rejection }) => [key, outcome, reason, rejection?.message]).toSorted(), [
        ['1', 'written', undefined, undefined],
        ['2', 'rejected', undefined, 'no'],
        ['3', 'held', 'unknown', undefined],
        ['4', 'rejected', undefined, 'email is required'],
        ['5', 'held', 'missing-reference', undefined],
      ]);
      const failed = await ledger.listRunOutcomes(run.id, { limit: 10, isFailedOnly: true });
      assert.deepEqual(failed.outcomes.map(({ key }) => key).toSorted(), ['2', '3', '4', '5']);
      assert.deepEqual(await ledger.listRunOutcomes('r_unknown', { limit: 10 }), { outcomes: [] });
    });
  });
}

function byKey(one: RunOutcome, other: RunOutcome): number {
  return one.key < other.key ? -1 : 1;
}
