import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attempt, changed, changedTo, held, keysOf, NEVER, RunDriver, rejected, SCOPE, skipped, TARGET, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function upkeepConformance(openStore: OpenStore): void {
  describe('upkeep', () => {
    const open = closing(openStore);

    it('tells how much there is, and since when', async () => {
      const ledger = await open();
      const empty = await ledger.describeLedger();
      assert.deepEqual([empty.rows.records, empty.oldestAt], [0, undefined]);
      const run = await RunDriver.start(ledger);
      await run.stage([changed('1'), rejected('2')]);
      await run.writeAll();
      const found = await ledger.describeLedger();
      assert.deepEqual(found.rows, { runs: 1, records: 2, changes: 1, batches: 1, verdicts: 1 });
      assert.ok(found.bytes > 0 && found.version > 0 && found.place.length > 0);
      assert.equal(found.oldestAt, 1_003);
    });

    it('forgets what runs did that had ended long before, and never what the target was told', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage([changed('1'), changed('2'), skipped('3')]);
      const batch = await first.mustClaim();
      await first.settle(batch, ({ id }) => written(id, { targetId: `t${id}` }), [attempt()]);
      await first.close();
      const totals = await first.end();
      const told = await first.state('1');
      const second = await RunDriver.start(ledger, { id: 'r_2', now: 5_000 });
      await second.stage([changedTo('1', 'new'), skipped('2')]);
      await second.settle(await second.mustClaim(), ({ id }) => written(id));
      assert.deepEqual(await ledger.pruneAudit(4_000), { changes: 2, verdicts: 0, batches: 1 });
      assert.deepEqual(await ledger.pruneAudit(4_000), { changes: 0, verdicts: 0, batches: 0 });
      assert.deepEqual(
        (await ledger.readHistory(SCOPE, { key: '2' }))?.events.map(({ event }) => event),
        ['first-seen', 'skipped', 'last-seen'],
      );
      assert.equal((await second.state('2'))?.contentHash, JSON.stringify({ email: 'k2@x.test' }));
      assert.equal((await second.state('1'))?.targetId, told?.targetId);
      assert.deepEqual((await ledger.readRun(first.id))?.totals, totals);
      // A run that is alive keeps all it did, however long ago.
      assert.equal((await ledger.pruneAudit(9_000)).changes, 0);
      await second.close();
      assert.equal((await second.end()).written, 1);
    });

    it('keeps the story of what is held or unknown whole', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([changed('1'), changed('2'), changed('3'), held('4')]);
      const batch = await run.mustClaim({ maxRecords: 1 });
      await run.settle(batch, ({ id }) => ({ changeId: id, outcome: 'held', reason: 'conflict', message: 'both' }));
      const lost = await run.mustClaim({ maxRecords: 1 });
      await run.lose(lost, [attempt({ failure: 'connection reset' })]);
      await run.writeAll();
      await run.close();
      await run.end('failed');
      const told = async (key: string) => (await ledger.readHistory(SCOPE, { key }))?.events.map(({ event }) => event);
      const before = await Promise.all(['1', '2', '4'].map(told));
      assert.equal((await ledger.pruneAudit(1e9)).changes, 1);
      assert.deepEqual(await Promise.all(['1', '2', '4'].map(told)), before);
      assert.deepEqual(keysOf(await run.takeOver(lost.id, 'later')), ['2']);
    });

    it('erases a record wherever it is, and says what was open', async () => {
      const ledger = await open();
      await ledger.requestRun({ id: 'r_1', scope: SCOPE, trigger: 'manual', options: { keys: ['7', '8'] }, at: 1 });
      const run = await RunDriver.start(ledger);
      await run.stage([changed('7'), changed('8')]);
      const open7 = await ledger.readOpenWork(SCOPE, '7');
      assert.deepEqual(open7, { isKnown: true, isRunAlive: true, changes: 1, isUnknown: false, isHeld: false });
      await run.writeAll();
      assert.equal(await ledger.forgetRecord(SCOPE, '7'), true);
      assert.equal(await ledger.forgetRecord(SCOPE, '7'), false);
      assert.equal((await ledger.readOpenWork(SCOPE, '7')).isKnown, false);
      assert.equal(await ledger.readHistory(SCOPE, { key: '7' }), undefined);
      assert.equal(await run.state('7'), undefined);
      assert.deepEqual((await ledger.readRun('r_1'))?.options.keys, ['8']);
      assert.notEqual(await run.state('8'), undefined);
    });

    it('erases what an open run of events or of a window has seen, and that run goes on', async () => {
      const ledger = await open();
      await ledger.requestRun({ id: 'r_1', scope: SCOPE, trigger: 'manual', options: { events: true }, at: 1 });
      const run = await RunDriver.start(ledger);
      await run.stage([changed('7'), changed('8')]);
      await run.writeAll();
      await ledger.forgetRecord(SCOPE, '7');
      await run.stage([changed('9')]);
      assert.deepEqual(await run.stage([skipped('7')]), { staged: 0, seenAgain: 0 }, 'as one that it never met');
      await ledger.forgetRecord(SCOPE, '7');
      await run.writeAll();
      await run.close();
      const { written: count } = await run.end();
      assert.equal(count, 2);
      assert.equal((await ledger.readOpenWork(SCOPE, '7')).isKnown, false);
      assert.equal((await ledger.readHistory(SCOPE, { key: '9' }))?.state.lastOutcome, 'written');
    });

    it('goes by what became of a repair last, also where no other change is left', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage(['1', '2', '3'].map((key) => changed(key)));
      await first.writeAll();
      await first.close();
      await first.end();
      assert.equal((await ledger.pruneAudit(4_000)).changes, 3);
      const findings = [{ kind: 'changed', key: '3', fields: [{ field: 'email', written: 'k3@x.test', found: 'other@x.test' }] }] as const;
      await ledger.beginReconciliation({ id: 'c_1', scope: SCOPE, at: 5_000 });
      await ledger.addFindings('c_1', { afterKey: '3', checked: 3, findings, tally: {}, isSealed: false });
      await ledger.endReconciliation('c_1', { formats: {} }, 5_001);
      const repair = await RunDriver.start(ledger, { id: 'r_2', now: 6_000 });
      const kinds = { missing: 'create', changed: 'update' } as const;
      const segment = await ledger.stageRepairs({ runId: 'r_2', reconciliationId: 'c_1', targetScope: TARGET, kinds, isSealed: false, at: repair.tick() });
      await repair.settle(await repair.mustClaim({ segment }), ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: NEVER }));
      assert.equal((await repair.state('3'))?.lastOutcome, 'rejected');
      assert.deepEqual(
        (await ledger.listRejected(SCOPE, { limit: 10 })).map(({ key }) => key),
        ['3'],
      );
    });
  });
}
