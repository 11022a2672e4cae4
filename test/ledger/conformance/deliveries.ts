import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeliveredEvent, DueEvent } from '../../../ledger/delivery-store.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import { change, changed, changedTo, keysOf, RunDriver, SCOPE, skipped, TARGET, unchanged, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

const SHOP = 'acme/dev/shop';
const SETTLE_MS = 100;

type Told = Partial<DeliveredEvent> & { readonly key: string };

export function deliveriesConformance(openStore: OpenStore): void {
  describe('deliveries', () => {
    const open = closing(openStore);
    let deliveries = 0;
    const deliver = async (ledger: Ledger, at: number, ...events: readonly Told[]) => {
      deliveries += 1;
      const delivery = { connection: SHOP, deliveryId: `d${deliveries}`, receivedAt: at, keepUntil: at + 1_000 };
      await ledger.acceptDelivery({ ...delivery, events: events.map((event) => ({ scope: SCOPE, kind: 'changed', ...event })) });
    };
    const due = (ledger: Ledger, at: number, limit = 100) => ledger.listDueEvents({ scope: SCOPE, limit, settleMs: SETTLE_MS, at });
    const keys = async (ledger: Ledger, at: number) => (await due(ledger, at)).due.map(({ key }) => key);
    const take = (ledger: Ledger, run: RunDriver, events: readonly DueEvent[], at: number, more: object = {}) =>
      ledger.takeEvents({ runId: run.id, segment: 0, events: events.map(({ key, ids }) => ({ key, ids, ...more })), observedAt: at, at });
    const counts = async (ledger: Ledger, prefix = 'acme/dev/') =>
      (await ledger.countOpenEvents(prefix)).map(({ scope, open: count, oldestAt }) => [scope, count, oldestAt]);

    it('are kept once, however often they come, as long as they are remembered', async () => {
      const ledger = await open();
      const delivery = { connection: SHOP, deliveryId: 'd', receivedAt: 10, keepUntil: 20, events: [{ scope: SCOPE, key: '1', kind: 'changed' }] } as const;
      const both = await Promise.all([ledger.acceptDelivery(delivery), ledger.acceptDelivery(delivery)]);
      assert.deepEqual(both.map(({ accepted }) => accepted).sort(), [false, true]);
      assert.equal((await ledger.acceptDelivery({ ...delivery, connection: 'acme/dev/other' })).accepted, true);
      assert.equal((await ledger.acceptDelivery({ ...delivery, receivedAt: 30, keepUntil: 40 })).accepted, true);
      assert.deepEqual(await counts(ledger), [[SCOPE, 3, 10]]);
    });

    it('are one for each record, as the newest says: by version, by when it happened, by when it came', async () => {
      const ledger = await open('encrypted');
      await deliver(ledger, 1, { key: 'a', version: '10' }, { key: 'b', occurredAt: 9, kind: 'deleted' }, { key: 'c' });
      await deliver(ledger, 2, { key: 'a', version: '9' }, { key: 'b', occurredAt: 8 }, { key: 'c', record: { name: 'Ada' } });
      await deliver(ledger, 3, { key: 'other', scope: 'acme/dev/other' });
      const found = (await due(ledger, 5)).due.map(({ ids, ...event }) => ({ ...event, ids: ids.length }));
      assert.deepEqual(found, [
        { key: 'a', kind: 'changed', version: '10', receivedAt: 1, ids: 2 },
        { key: 'b', kind: 'deleted', occurredAt: 9, receivedAt: 1, ids: 2 },
        { key: 'c', kind: 'changed', record: { name: 'Ada' }, receivedAt: 2, ids: 2 },
      ]);
      assert.equal((await due(ledger, 5, 2)).due.length, 2);
    });

    it('are not due again while a run has them, are once it ends without, and are done with when they are settled', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await deliver(ledger, 1, { key: '1' }, { key: '2' });
      const { due: events } = await due(ledger, 5);
      await run.stage([changed('1'), changed('2')]);
      await take(ledger, run, events, 5);
      assert.deepEqual(await due(ledger, 5_000), { due: [] });
      assert.deepEqual(await counts(ledger), [[SCOPE, 2, 1]]);
      await run.end('failed');
      assert.deepEqual(await keys(ledger, 5_000), ['1', '2']);
      const next = await RunDriver.start(ledger, { id: 'r_2', now: 5_000 });
      await take(ledger, next, (await due(ledger, 5_000)).due.slice(0, 1), 5_000);
      await take(ledger, next, (await due(ledger, 5_000)).due, 5_000, { awaitsEnd: true });
      await ledger.settleEvents({ runId: 'r_2', segment: 0, againAt: 0, at: 6_000 });
      assert.deepEqual(await counts(ledger), [[SCOPE, 1, 1]]);
      await ledger.settleEvents({ runId: 'r_2', againAt: 0, at: 6_000 });
      await next.end('failed');
      assert.deepEqual([await counts(ledger), await due(ledger, 9_000)], [[], { due: [] }]);
    });

    it('wait until a record that was read just now gets no more of them, and not for ever', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await deliver(ledger, 1_000, { key: '1' });
      await take(ledger, run, (await due(ledger, 1_000)).due, 1_000);
      await deliver(ledger, 1_010, { key: '1' }, { key: '2' });
      assert.deepEqual(await keys(ledger, 1_020), ['2']);
      assert.equal((await due(ledger, 1_020)).nextAt, 1_010 + SETTLE_MS);
      await deliver(ledger, 1_090, { key: '1' });
      assert.deepEqual(await keys(ledger, 1_180), ['2']);
      assert.deepEqual(await keys(ledger, 1_190), ['1', '2']);
      for (let at = 1_100; at <= 1_500; at += 50) await deliver(ledger, at, { key: '1' });
      assert.equal((await due(ledger, 1_490)).nextAt, 1_500, 'the earlier read is long ago');
    });

    it('of a record with a change in flight wait for its end', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([changed('1')]);
      const batch = await run.mustClaim();
      await deliver(ledger, 1, { key: '1' });
      const waiting = await due(ledger, 5);
      assert.deepEqual([waiting.due, (waiting.nextAt ?? 0) > 5], [[], true]);
      await run.settle(batch, ({ id }) => written(id));
      assert.deepEqual(await keys(ledger, 5), ['1']);
    });

    it('that found a record as it was told keep what was read before from going over it', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage([changed('1'), changed('2')]);
      await first.writeAll();
      await first.end();
      const live = await RunDriver.start(ledger, { id: 'r_2', now: 2_000 });
      await live.stage([changedTo('1', 'older')], { observedAt: 2_000 });
      await deliver(ledger, 2_050, { key: '1' }, { key: '2' });
      const { due: events } = await due(ledger, 2_100);
      await take(ledger, live, events.slice(0, 1), 2_100, { unchanged: change('k1@x.test').contentHash });
      await take(ledger, live, events.slice(1), 2_100, { unchanged: 'another content' });
      assert.deepEqual(await keys(ledger, 2_100), ['2'], 'what is no more as it was found is looked at again');
      await live.writeAll();
      assert.equal((await live.state('1'))?.lastOutcome, 'superseded');
    });

    it('for which nothing is sent stay open while another change is in flight', async () => {
      const ledger = await open();
      const live = await RunDriver.start(ledger);
      await deliver(ledger, 1, { key: '1' });
      const { due: events } = await due(ledger, 5);
      await live.stage([changed('1')]);
      const batch = await live.mustClaim();
      await take(ledger, live, events, 5, { isLeftOut: true });
      await live.settle(batch, ({ id }) => written(id));
      assert.deepEqual(await keys(ledger, 5), ['1']);
      await take(ledger, live, events, 5, { isLeftOut: true });
      assert.deepEqual(await keys(ledger, 5_000), []);
    });

    it('whose change was out of date are due again after a pause, a few times', async () => {
      const ledger = await open();
      await deliver(ledger, 1, { key: '1' });
      const seen: string[][] = [];
      for (let n = 1; n <= 4; n++) {
        const told = await RunDriver.start(ledger, { id: `r_a${n}`, now: n * 10_000 });
        await told.stage([changedTo('1', `told ${n}`)], { observedAt: n * 10_000 });
        await told.writeAll();
        await told.end();
        const run = await RunDriver.start(ledger, { id: `r_b${n}`, now: n * 10_000 + 500 });
        const { due: events } = await due(ledger, n * 10_000);
        await run.stage([changedTo('1', `old ${n}`)], { observedAt: 5 });
        await take(ledger, run, events, n * 10_000);
        await run.writeAll();
        await ledger.settleEvents({ runId: run.id, segment: 0, againAt: n * 10_000 + 5_000, at: n * 10_000 + 600 });
        seen.push([...(await keys(ledger, n * 10_000 + 4_000)), ...(await keys(ledger, n * 10_000 + 5_000))]);
        await run.end();
      }
      assert.deepEqual(seen, [['1'], ['1'], ['1'], []]);
    });

    it('are forgotten with their record, with the audit trail once they are done, and their payload at once', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await deliver(ledger, 1, { key: '1', record: { name: 'Ada' } }, { key: '2' });
      await run.stage([unchanged('1'), skipped('2')]);
      await take(ledger, run, (await due(ledger, 5)).due.slice(0, 1), 5);
      await ledger.settleEvents({ runId: run.id, segment: 0, againAt: 0, at: 10 });
      const rows = await ledger.exportRows('delivered_events', undefined, 10);
      assert.deepEqual(
        rows.map((row) => [row['key'], row['record'], row['drained_at']]),
        [
          ['1', null, 10],
          ['2', null, null],
        ],
      );
      await ledger.pruneAudit(2_000);
      const left = async (table: string) => (await ledger.exportRows(table, undefined, 10)).length;
      assert.deepEqual([await left('delivered_events'), await left('deliveries')], [1, 0]);
      assert.equal(await ledger.forgetRecord(SCOPE, '2'), true);
      assert.equal(await left('delivered_events'), 0);
    });

    it('ask once for somebody to look, until somebody has looked, or does not come', async () => {
      const ledger = await open();
      let n = 0;
      const asks = async (receivedAt: number, ...scopes: readonly string[]) => {
        n += 1;
        const events = scopes.map((scope) => ({ scope, key: '1', kind: 'changed' }) as const);
        return (await ledger.acceptDelivery({ connection: SHOP, deliveryId: `w${n}`, receivedAt, keepUntil: receivedAt + 1, events })).wake;
      };
      const both = await Promise.all([asks(1, SCOPE), asks(1, SCOPE)]);
      assert.deepEqual(both.flat(), [SCOPE]);
      assert.deepEqual(await asks(2, 'acme/dev/other', SCOPE), ['acme/dev/other']);
      await due(ledger, 5);
      assert.deepEqual(await asks(6, SCOPE, 'acme/dev/other'), [SCOPE]);
      assert.deepEqual([await asks(7, SCOPE), await asks(60_000, SCOPE)], [[], [SCOPE]]);
    });

    it('of a record keep what was read before it was deleted from coming back', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage([changed('1'), changed('2')]);
      await first.writeAll();
      await first.end();
      const live = await RunDriver.start(ledger, { id: 'r_2', now: 2_000 });
      await live.stage([changedTo('1', 'older'), changedTo('2', 'older', { kind: 'create' })], { observedAt: 2_000 });
      await ledger.requestRun({ id: 'r_e', scope: SCOPE, trigger: 'events', options: { events: true }, at: 3_000 });
      const run = await RunDriver.start(ledger, { id: 'r_e', now: 3_000, workflowId: `events/${SCOPE}`, trigger: 'events' });
      await run.stage([{ disposition: 'skipped', key: '1', reason: 'gone' }], { isLast: false });
      await run.close();
      const sweep = await ledger.beginSweep({ runId: run.id, isComplete: false, scope: 'linked', canConfirm: false });
      assert.equal(sweep.due, 1);
      const segment = await ledger.stageDeletes({ runId: run.id, targetScope: TARGET, isSealed: false, at: 3_500 });
      await run.settle(await run.mustClaim({ segment }), ({ id }) => written(id));
      const totals = await run.end();
      assert.deepEqual([totals.read, totals.skipped, totals.deleted], [1, 1, 1]);
      await live.writeAll();
      assert.deepEqual([(await live.state('1'))?.contentHash, (await live.end()).superseded], [undefined, 1]);
    });

    it('go by the version of what the target was told, where a payload is no read', async () => {
      const ledger = await open();
      const live = await RunDriver.start(ledger);
      await live.stage([changed('1', { sourceVersion: '5' }), changed('2', { sourceVersion: '5' })], { observedAt: 1_000 });
      await live.writeAll();
      await ledger.requestRun({ id: 'r_e', scope: SCOPE, trigger: 'events', options: { events: true }, at: 3_000 });
      const run = await RunDriver.start(ledger, { id: 'r_e', now: 3_000, workflowId: `events/${SCOPE}`, trigger: 'events' });
      await run.stage([changedTo('1', 'older', { sourceVersion: '4' })], { observedAt: 5_000 });
      await run.stage([changedTo('2', 'newer', { sourceVersion: '6' })], { observedAt: 900 });
      assert.deepEqual(keysOf(await run.mustClaim({ isByVersion: true })), ['2']);
    });

    it('are counted by sync', async () => {
      const ledger = await open();
      await deliver(ledger, 7, { key: '1' }, { key: '2', scope: 'acme/dev/other' });
      await deliver(ledger, 8, { key: '1' }, { key: '1', scope: 'acme/prod/contacts' });
      assert.deepEqual(await counts(ledger), [
        [SCOPE, 2, 7],
        ['acme/dev/other', 1, 7],
      ]);
      assert.deepEqual(await counts(ledger, SCOPE), [[SCOPE, 2, 7]]);
    });
  });
}
