import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changed, changedTo, keysOf, NEVER, RunDriver, TARGET, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function claimingConformance(openStore: OpenStore): void {
  describe('claiming', () => {
    const open = closing(openStore);

    it('gives the oldest changes first, each once, with all that their sender needs', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('2', { targetId: 't2' }), changed('1'), changed('3')]);
      const first = await run.mustClaim({ maxRecords: 2, batchId: 'b_1', token: 'w', sendBy: 7_000 });
      assert.deepEqual([first.id, first.token, first.kind, first.attempts, first.sendBy], ['b_1', 'w', 'upsert', 0, 7_000]);
      assert.deepEqual(keysOf(first), ['2', '1']);
      const [change] = first.changes;
      assert.ok(change);
      const { id, ...rest } = change;
      assert.equal(typeof id, 'number');
      assert.deepEqual(rest, {
        key: '2',
        kind: 'upsert',
        fields: { email: 'k2@x.test' },
        match: 'k2@x.test',
        targetId: 't2',
        contentHash: '{"email":"k2@x.test"}',
        earlierBatches: 0,
      });
      assert.deepEqual(keysOf(await run.claim()), ['3']);
      assert.equal(await run.claim(), undefined);
    });

    it('tells how many batches a change was part of before', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')]);
      const seen: number[] = [];
      for (let n = 0; n < 3; n++) {
        const batch = await run.mustClaim();
        seen.push(...batch.changes.map((one) => one.earlierBatches));
        await run.lose(batch);
        const again = await run.takeOver(batch.id, `other ${n}`);
        seen.push(...again.changes.map((one) => one.earlierBatches));
        await run.settle(again, ({ id }) => ({ changeId: id, outcome: 'again' }));
      }
      assert.deepEqual(seen, [0, 0, 1, 1, 2, 2]);
    });

    it('keeps a batch to the bytes that its kind was seen to take', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1'), changed('2'), changed('3')]);
      assert.deepEqual(keysOf(await run.claim({ maxBytesByKind: { create: 1, upsert: 250 } })), ['1', '2']);
    });

    it('remembers the bytes that a kind was seen to take, the least of late, for each target', async () => {
      const ledger = await open();
      const learn = (maxBytes: number, at: number) => ledger.learnBatchLimit({ targetScope: TARGET, kind: 'upsert', maxBytes, since: at - 1_000, at });
      await learn(500, 1);
      await learn(200, 2);
      await learn(300, 3);
      assert.deepEqual(await ledger.readBatchLimits(TARGET, 0), { upsert: 200 });
      assert.deepEqual([await ledger.readBatchLimits(TARGET, 4), await ledger.readBatchLimits('acme/dev/other', 0)], [{}, {}]);
      await learn(400, 5_000);
      assert.deepEqual(await ledger.readBatchLimits(TARGET, 0), { upsert: 400 });
    });

    it('keeps a batch to one kind, and to the limits of records and bytes', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([
        changed('1', { bytes: 400 }),
        changed('2', { kind: 'update', targetId: 't2' }),
        changed('3', { bytes: 400 }),
        changed('4', { bytes: 400 }),
        changed('5', { bytes: 5_000 }),
      ]);
      assert.deepEqual(keysOf(await run.claim({ maxBytes: 1_000 })), ['1', '3']);
      assert.deepEqual(keysOf(await run.claim({ maxBytes: 1_000 })), ['2']);
      assert.deepEqual(keysOf(await run.claim({ maxBytes: 1_000 })), ['4']);
      assert.deepEqual(keysOf(await run.claim({ maxBytes: 1_000 })), ['5'], 'one record beyond the limit goes alone');
    });

    it('keeps to the limit of its kind', async () => {
      const run = await RunDriver.start(await open());
      await run.stage(['1', '2', '3', '4'].map((key) => changed(key)));
      assert.deepEqual(keysOf(await run.claim({ maxRecords: 3, maxRecordsByKind: { upsert: 2, update: 3 } })), ['1', '2']);
    });

    it('finds enough of one kind among many of another', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('first'), ...Array.from({ length: 300 }, (_, n) => changed(`u${n}`, { kind: 'update', targetId: `t${n}` })), changed('last')]);
      assert.deepEqual(keysOf(await run.claim()), ['first', 'last']);
      assert.equal((await run.mustClaim()).changes.length, 100);
    });

    it('takes the changes of its own segment and run alone', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([changed('1')]);
      await run.close(0, false);
      await run.openSegment(1);
      await run.stage([changed('2')], { segment: 1 });
      const other = await RunDriver.start(ledger, { id: 'r_9', scope: 'acme/dev/others' });
      await other.stage([changed('9')]);
      assert.deepEqual(keysOf(await run.claim({ segment: 1 })), ['2']);
      assert.deepEqual(keysOf(await run.claim()), ['1']);
      assert.deepEqual(keysOf(await other.claim()), ['9']);
    });

    it('skips a target record that is in flight, and comes back to it', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([
        changed('1', { match: 'same@x.test' }),
        changed('2', { match: 'same@x.test', fields: { email: 'same@x.test', name: 'two' } }),
        changed('3'),
      ]);
      const first = await run.mustClaim();
      assert.deepEqual(keysOf(first), ['1', '3'], 'never twice in one batch');
      assert.equal(await run.claim(), undefined);
      await run.settle(first, ({ id }) => written(id));
      assert.deepEqual(keysOf(await run.claim()), ['2']);
    });

    it('skips a target record that another sync has in flight, by match value or by target id', async () => {
      const ledger = await open();
      const one = await RunDriver.start(ledger);
      const two = await RunDriver.start(ledger, { id: 'r_2', scope: 'acme/dev/leads' });
      await one.stage([changed('1'), changed('2', { targetId: 't2' })]);
      await two.stage([changed('a', { match: 'k1@x.test' }), changed('b', { match: 'moved@x.test', targetId: 't2' }), changed('c')]);
      const first = await one.mustClaim();
      assert.deepEqual(keysOf(await two.claim()), ['c']);
      await one.settle(first, ({ id }) => written(id));
      assert.deepEqual(keysOf(await two.claim()), ['a', 'b']);
    });

    it('does not take another object of the same match value for the same record', async () => {
      const ledger = await open();
      const one = await RunDriver.start(ledger);
      const two = await RunDriver.start(ledger, { id: 'r_2', scope: 'acme/dev/leads' });
      await one.stage([changed('1')]);
      await two.stage([changed('1')], { targetScope: `${TARGET}-elsewhere` });
      assert.deepEqual([keysOf(await one.claim()), keysOf(await two.claim())], [['1'], ['1']]);
    });

    it('never has two changes of one record in flight, though its match value has moved', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1', { match: 'old@x.test' })]);
      const first = await run.mustClaim();
      await run.stage([changed('1', { match: 'new@x.test' })]);
      assert.equal(await run.claim(), undefined);
      await run.settle(first, ({ id }) => written(id));
      assert.deepEqual((await run.claim())?.changes[0]?.match, 'new@x.test');
    });

    it('settles as unchanged what the target was told meanwhile, and sends the rest', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changedTo('1', 'a')]);
      const first = await run.mustClaim();
      await run.stage([changedTo('1', 'b')]);
      await run.stage([changedTo('1', 'a'), changed('2')]);
      await run.settle(first, ({ id }) => written(id));
      assert.deepEqual(keysOf(await run.claim()), ['2']);
      assert.deepEqual([(await run.liveTotals()).unchanged, (await run.ledger.readBacklog('r_1', 0)).planned], [1, 0]);
    });

    it('settles as superseded what was observed before what was written meanwhile', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changedTo('1', 'newer')], { observedAt: 900 });
      const first = await run.mustClaim();
      await run.stage([changedTo('1', 'older')], { observedAt: 800 });
      await run.settle(first, ({ id }) => written(id));
      assert.equal(await run.claim(), undefined);
      const totals = await run.ledger.deriveTotals('r_1');
      assert.deepEqual([totals.superseded, totals.written, totals.read], [1, 0, 1]);
      assert.deepEqual(await run.liveTotals(), totals);
      assert.equal((await run.state('1'))?.fields?.['name'], 'newer');
    });

    it('goes on past changes that need not be sent', async () => {
      const run = await RunDriver.start(await open());
      const keys = Array.from({ length: 30 }, (_, n) => String(n));
      await run.stage(keys.map((key) => changedTo(key, 'a')));
      const first = await run.mustClaim();
      await run.stage(keys.map((key) => changedTo(key, 'b')));
      await run.stage([...keys.map((key) => changedTo(key, 'a')), changed('last')]);
      await run.settle(first, ({ id }) => written(id));
      assert.deepEqual(keysOf(await run.claim({ maxRecords: 5 })), ['last']);
      assert.equal((await run.liveTotals()).unchanged, 30);
    });

    it('turns a create of what exists by then into an update', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changedTo('1', 'a', { kind: 'create' })]);
      const first = await run.mustClaim();
      await run.stage([changedTo('1', 'b', { kind: 'create' })]);
      await run.settle(first, ({ id }) => written(id, { created: true, targetId: 't1' }));
      const second = await run.mustClaim();
      assert.deepEqual([second.kind, second.changes[0]?.kind, second.changes[0]?.targetId], ['update', 'update', 't1']);
      const taken = await run.takeOver(second.id, 'later');
      assert.deepEqual([taken.kind, taken.changes], ['update', second.changes]);
    });

    it('leaves a create whose record exists by now as it is, where only new ones are wanted', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([changed('1', { kind: 'create', match: 'same@x.test' }), changed('2', { kind: 'create', match: 'same@x.test' })]);
      await run.settle(await run.mustClaim({ ifExists: 'skip' }), ({ id }) => written(id, { created: true, targetId: 't1' }));
      assert.equal(await run.claim({ ifExists: 'skip' }), undefined);
      const { created, skipped } = await run.end();
      assert.deepEqual([created, skipped], [1, 1]);
    });

    it('updates, and does not create, what another key has created under the same match value', async () => {
      const run = await RunDriver.start(await open());
      const same = { kind: 'create', match: 'same@x.test' } as const;
      await run.stage([changed('1', same), changed('2', { ...same, fields: { name: 'two' } })]);
      await run.settle(await run.mustClaim(), ({ id }) => written(id, { created: true, targetId: 't1' }));
      const second = await run.mustClaim({ maxRecordsByKind: { create: 10, update: 10 } });
      assert.deepEqual([keysOf(second), second.kind, second.changes[0]?.targetId], [['2'], 'update', 't1']);
    });

    it('holds such a create where it cannot become an update', async () => {
      const run = await RunDriver.start(await open());
      const same = { kind: 'create', match: 'same@x.test' } as const;
      await run.stage([changed('1', same), changed('2', { ...same, fields: { name: 'two' } })]);
      await run.settle(await run.mustClaim(), ({ id }) => written(id, { created: true }));
      assert.equal(await run.claim(), undefined);
      assert.equal((await run.state('2'))?.lastOutcome, 'held');
      assert.deepEqual(
        (await run.ledger.groupRejections(run.scope)).map((group) => [group.reason, group.sampleKeys]),
        [['duplicate-match-key', ['2']]],
      );
    });

    it('halves a refused batch: what comes back with a limit is claimed within it, and with its own group only', async () => {
      const run = await RunDriver.start(await open());
      await run.stage(['1', '2', '3', '4', '5', '6', '7'].map((key) => changed(key)));
      const first = await run.mustClaim({ maxRecords: 6 });
      await run.settle(first, ({ id, key }) => ({ changeId: id, outcome: 'again', batchLimit: 3, group: key <= '2' ? 'left' : 'right' }));
      const left = await run.mustClaim();
      assert.deepEqual(keysOf(left), ['1', '2']);
      assert.deepEqual(keysOf(await run.claim()), ['3', '4', '5']);
      assert.deepEqual(keysOf(await run.claim()), ['6']);
      assert.deepEqual(keysOf(await run.claim()), ['7']);
      await run.settle(left, ({ id, key }) => ({ changeId: id, outcome: 'again', batchLimit: 1, group: `left ${key}` }));
      const alone = await run.mustClaim();
      assert.deepEqual(keysOf(alone), ['1']);
      await run.settle(alone, ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: NEVER }));
      assert.deepEqual(keysOf(await run.claim()), ['2']);
    });

    it('skips a target record by the id that only the ledger knows', async () => {
      const ledger = await open();
      const one = await RunDriver.start(ledger);
      await one.stage([changed('1')]);
      await one.settle(await one.mustClaim(), ({ id }) => written(id, { targetId: 't1' }));
      await one.stage([changed('1', { match: 'moved@x.test' })]);
      const two = await RunDriver.start(ledger, { id: 'r_2', scope: 'acme/dev/leads' });
      await two.stage([changed('a', { targetId: 't1' })]);
      assert.deepEqual(keysOf(await one.claim()), ['1']);
      assert.equal(await two.claim(), undefined);
    });

    it('counts what is left to do', async () => {
      const run = await RunDriver.start(await open());
      await run.stage(['1', '2', '3', '4'].map((key) => changed(key)));
      const sending = await run.mustClaim({ maxRecords: 1 });
      const lost = await run.mustClaim({ maxRecords: 2 });
      await run.lose(lost);
      assert.deepEqual(await run.ledger.readBacklog('r_1', 0), { planned: 1, inFlight: 1, unknown: 2, isClosed: false });
      await run.settle(sending, ({ id }) => written(id));
      await run.close();
      assert.deepEqual(await run.ledger.readBacklog('r_1', 0), { planned: 1, inFlight: 0, unknown: 2, isClosed: true });
      assert.deepEqual(await run.ledger.readBacklog('r_1', 7), { planned: 0, inFlight: 0, unknown: 0, isClosed: false });
    });
  });
}
