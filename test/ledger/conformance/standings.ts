import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changed, held, RunDriver, rejected, SCOPE } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function standingsConformance(openStore: OpenStore): void {
  describe('how syncs stand', () => {
    const open = closing(openStore);

    it('is nothing where nothing has run, in the order asked for', async () => {
      const ledger = await open();
      const none = { waiting: 0, givenUp: 0 };
      assert.deepEqual(await ledger.readStandings(['b', 'a']), [
        { scope: 'b', rejected: none, held: none },
        { scope: 'a', rejected: none, held: none },
      ]);
    });

    it('is when the latest complete run began to read and ended; those that failed or did less do not count', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await ledger.setReadStart(first.id, 700);
      await first.stage([changed('1'), rejected('2'), held('3')]);
      await first.writeAll();
      await first.close();
      await first.end();
      const endedAt = (await ledger.readRun(first.id))?.endedAt;
      const second = await RunDriver.start(ledger, { id: 'r_2', now: 5_000 });
      await second.end('failed');
      await ledger.requestRun({ id: 'r_3', scope: SCOPE, trigger: 'manual', options: { keys: ['1'] }, at: 6_000 });
      const third = await RunDriver.start(ledger, { id: 'r_3', now: 6_000 });
      await third.end();
      const [standing] = await ledger.readStandings([SCOPE]);
      assert.deepEqual(standing?.success, { readStartedAt: 700, endedAt });
      const { rejected: refused, held: kept } = standing ?? {};
      assert.deepEqual([(refused?.waiting ?? 0) + (refused?.givenUp ?? 0), (kept?.waiting ?? 0) + (kept?.givenUp ?? 0)], [1, 1]);
    });

    it('is of the latest complete run, however many runs of events, of windows and of a few records came after it', async () => {
      const ledger = await open();
      const whole = await RunDriver.start(ledger);
      await ledger.setReadStart(whole.id, 700);
      await whole.end();
      const endedAt = (await ledger.readRun(whole.id))?.endedAt;
      const kinds = [
        { trigger: 'events', options: { events: true } },
        { trigger: 'backfill', options: { window: { from: '2026-01-01', to: '2026-01-02' } } },
        { trigger: 'keys', options: { keys: ['1'] } },
      ] as const;
      for (let n = 0; n < 10; n++)
        for (const [index, kind] of kinds.entries()) {
          const [id, at] = [`r_${n}_${index}`, 5_000 + n * 100];
          await ledger.requestRun({ id, scope: SCOPE, ...kind, at });
          const run = await RunDriver.start(ledger, { id, now: at, trigger: kind.trigger });
          await run.end();
        }
      assert.deepEqual((await ledger.readStandings([SCOPE]))[0]?.success, { readStartedAt: 700, endedAt });
    });
  });
}
