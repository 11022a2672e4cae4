import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attempt, changed, held, NEVER, RunDriver, rejected, SCOPE, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

const ALL = { since: 0, limit: 100 };

export function logsConformance(openStore: OpenStore): void {
  describe('what happened in a run', () => {
    const open = closing(openStore);

    it('has its segments, the requests that were refused or sent again, and the records that were rejected or held', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([changed('1'), changed('2'), changed('3'), rejected('4'), held('5')]);
      const good = await run.mustClaim({ maxRecords: 1 });
      await run.settle(good, ({ id }) => written(id), [attempt({ sentAt: 1_010, answeredAt: 1_011 })]);
      const refused = await run.mustClaim();
      run.now = 1_030;
      await run.settle(refused, ({ id, key }) => (key === '2' ? { changeId: id, outcome: 'rejected', rejection: NEVER } : written(id)), [
        attempt({ sentAt: 1_012, answeredAt: 1_020, status: 429 }),
        attempt({ sentAt: 1_021, answeredAt: 1_028, status: 207, requestId: 'abc' }),
      ]);
      await run.close();
      const { segments, requests, batches, records } = await ledger.readRunLog(run.id, ALL);
      assert.deepEqual(
        segments.map(({ index, state, records: count, pages }) => [index, state, count, pages]),
        [[0, 'complete', 5, 1]],
      );
      const batch = { batchId: refused.id, method: 'POST', path: '/contacts/batch', kind: 'upsert', segment: 0, records: 2 };
      assert.deepEqual(requests, [
        { ...batch, attempt: 1, sentAt: 1_012, answeredAt: 1_020, status: 429 },
        { ...batch, attempt: 2, sentAt: 1_021, answeredAt: 1_028, status: 207, requestId: 'abc' },
      ]);
      assert.deepEqual(batches, []);
      assert.deepEqual(records.map(({ key, outcome, reason, rejection, note }) => [key, outcome, reason, rejection?.message, note]).toSorted(), [
        ['2', 'rejected', undefined, 'no', undefined],
        ['4', 'rejected', undefined, 'email is required', undefined],
        ['5', 'held', 'missing-reference', undefined, 'company 7 is not known yet'],
      ]);
    });

    it('has what was lost and taken over, is cut in time and number, and has nothing of another run', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger, { id: 'r_1' });
      await first.stage([changed('1'), changed('2')]);
      const batch = await first.mustClaim();
      await first.lose(batch, [{ sentAt: 1_010, method: 'POST', path: '/contacts', failure: 'connection reset' }]);
      first.now = 1_050;
      await first.takeOver(batch.id, 'another');
      const log = await ledger.readRunLog('r_1', ALL);
      assert.deepEqual(
        log.batches.map(({ what, records }) => [what, records]),
        [
          ['unknown', 2],
          ['taken-over', 2],
        ],
      );
      assert.deepEqual(
        log.requests.map(({ status, failure }) => [status, failure]),
        [[undefined, 'connection reset']],
      );
      assert.deepEqual(
        (await ledger.readRunLog('r_1', { since: 1_040, limit: 100 })).batches.map(({ what }) => what),
        ['taken-over'],
      );
      assert.deepEqual(
        (await ledger.readRunLog('r_1', { since: 0, limit: 1 })).batches.map(({ what }) => what),
        ['taken-over'],
      );
      const other = await RunDriver.start(ledger, { id: 'r_10', scope: 'acme/dev/companies' });
      await other.stage([rejected('9')]);
      assert.deepEqual((await ledger.readRunLog('r_1', ALL)).records, []);
      assert.equal((await ledger.readRunLog('r_10', ALL)).records.length, 1);
      assert.deepEqual(await ledger.readRunLog('r_none', ALL), { segments: [], requests: [], batches: [], records: [] });
    });

    it('has the incidents of its sync that began or ended since', async () => {
      const ledger = await open();
      const incident = { what: 'It failed.', openedBy: 'r_1' };
      await ledger.openIncident({ ...incident, id: 'i_1', scope: SCOPE, rule: 'run-failed', openedAt: 10 });
      await ledger.closeIncident({ scope: SCOPE, rule: 'run-failed', closedBy: 'r_2', closedAt: 20 });
      await ledger.openIncident({ ...incident, id: 'i_2', scope: SCOPE, rule: 'drift-found', openedAt: 30 });
      await ledger.openIncident({ ...incident, id: 'i_3', scope: 'acme/dev/companies', rule: 'run-failed', openedAt: 30 });
      const since = async (at: number) => (await ledger.listIncidents(SCOPE, at)).map(({ id, closedAt }) => [id, closedAt]);
      assert.deepEqual(await since(15), [
        ['i_1', 20],
        ['i_2', undefined],
      ]);
      assert.deepEqual(await since(21), [['i_2', undefined]]);
    });
  });
}
