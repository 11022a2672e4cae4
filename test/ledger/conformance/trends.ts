import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attempt, changed, RunDriver, unchanged, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function trendsConformance(openStore: OpenStore): void {
  describe('runs beside one another', () => {
    const open = closing(openStore);

    it('have the times and answers of their own write requests, and how much they read', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger, { id: 'r_1' });
      await first.stage([changed('1'), changed('2')], { bytes: 900 });
      await first.settle(await first.mustClaim(), ({ id }) => written(id), [
        attempt({ sentAt: 10, answeredAt: 50, status: 429 }),
        attempt({ sentAt: 60, answeredAt: 100 }),
        { sentAt: 110, method: 'POST', path: '/contacts', failure: 'connection reset' },
      ]);
      await first.close();
      await first.end();
      // Its id begins as that of the first.
      const second = await RunDriver.start(ledger, { id: 'r_10', now: 2_000 });
      await second.stage([unchanged('1')], { bytes: 100, nextCursor: 2 });
      await second.stage([changed('3')], { bytes: 50 });
      await second.settle(await second.mustClaim(), ({ id }) => written(id), [attempt({ sentAt: 1, answeredAt: 4 })]);
      assert.deepEqual(await ledger.readRunFigures(['r_10', 'r_none', 'r_1']), [
        { runId: 'r_10', requests: [{ status: 200, durationMs: 3, requests: 1 }], bytes: 150, pages: 2 },
        { runId: 'r_none', requests: [], bytes: 0, pages: 0 },
        {
          runId: 'r_1',
          requests: (await ledger.readRunFigures(['r_1']))[0]?.requests ?? [],
          bytes: 900,
          pages: 1,
        },
      ]);
      assert.deepEqual(
        (await ledger.readRunFigures(['r_1']))[0]?.requests.toSorted((one, other) => (one.status ?? 0) - (other.status ?? 0)),
        [{ requests: 1 }, { status: 200, durationMs: 40, requests: 1 }, { status: 429, durationMs: 40, requests: 1 }],
      );
    });
  });
}
