import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ledger, Run } from '../../../ledger/ledger.ts';
import { RunDriver, SCOPE, unchanged } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

const OTHER = 'acme/dev/companies';
const ACCOUNT = 'acme/dev/hubspot';
const DAY_MS = 86_400_000;
const NOON = Date.UTC(2026, 0, 5, 12);

export function overviewsConformance(openStore: OpenStore): void {
  describe('what goes on', () => {
    const open = closing(openStore);
    const briefly = (runs: readonly Run[]) => runs.map(({ id, state }) => `${id} ${state}`);
    const request = (ledger: Ledger, id: string, scope: string, at: number) => ledger.requestRun({ id, scope, trigger: 'manual', options: {}, at });

    it('is of each sync its newest live run, and the windows that are open', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage([unchanged('1')]);
      await first.close();
      await first.end();
      assert.deepEqual(briefly(await ledger.listCurrentRuns([OTHER, SCOPE])), ['r_1 completed']);
      for (const [id, from] of [
        ['r_w2', '2026-02-01'],
        ['r_w1', '2026-01-01'],
      ] as const) {
        const window = { from, to: '2026-03-01' };
        await ledger.requestRun({ id, scope: SCOPE, trigger: 'backfill', options: { window }, at: id === 'r_w1' ? 4_000 : 5_000 });
        await RunDriver.start(ledger, { id, now: 6_000, workflowId: `backfill/${from}`, window });
      }
      await request(ledger, 'r_2', SCOPE, 3_000);
      await request(ledger, 'r_3', OTHER, 3_000);
      assert.deepEqual(briefly(await ledger.listCurrentRuns([OTHER, SCOPE])), ['r_3 requested', 'r_2 requested', 'r_w1 running', 'r_w2 running']);
      const [, , window] = await ledger.listCurrentRuns([OTHER, SCOPE]);
      assert.equal(window?.options.window?.from, '2026-01-01');
      assert.deepEqual(await ledger.listCurrentRuns([]), []);
    });

    it('has the counts of a run that is alive', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([unchanged('1'), unchanged('2')]);
      assert.equal((await ledger.listCurrentRuns([SCOPE]))[0]?.totals.unchanged, 2);
    });

    it('has who shares an account, what is used of its quotas, and until when nobody may go', async () => {
      const ledger = await open();
      const meters = [{ kind: 'quota', perMs: DAY_MS, count: 1_000, held: 0, wanted: 30 } as const];
      const ask = { account: ACCOUNT, weight: 4, meters, leaseMs: 2_000, at: NOON };
      await ledger.leaseLimits({ ...ask, holder: 'one', demand: 0.5, places: { of: 8, inFlight: 2, wanted: 3 } });
      await ledger.leaseLimits({ ...ask, holder: 'two', demand: 1, at: NOON + 1_500 });
      await ledger.blockAccount(ACCOUNT, { ms: 60_000, reason: 'asked' }, NOON);
      const [none, use] = await ledger.readAccountUse(['acme/dev/crm', ACCOUNT], NOON + 1_000);
      assert.deepEqual(none, { account: 'acme/dev/crm', holders: [], quotas: [] });
      const [one, two] = use?.holders ?? [];
      assert.deepEqual([one?.holder, one?.demand, one?.placesWanted, two?.holder], ['one', 0.5, 3, 'two']);
      assert.ok((one?.share ?? 0) > 0 && (one?.places ?? 0) > 0);
      assert.deepEqual([use?.quotas, use?.block], [[{ perMs: DAY_MS, used: 60, count: 1_000 }], { untilMs: NOON + 60_000, reason: 'asked' }]);
      const [later] = await ledger.readAccountUse([ACCOUNT], NOON + 60_000);
      assert.deepEqual([later?.holders, later?.block], [[], undefined], 'leases and blocks that are over');
      const [next] = await ledger.readAccountUse([ACCOUNT], NOON + DAY_MS * 1.02);
      assert.deepEqual(next?.quotas, [], 'what was used a day ago');
    });
  });
}
