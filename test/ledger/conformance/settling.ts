import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attempt, changed, changedTo, keysOf, NEVER, RunDriver, TERMS, unchanged, withCode, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function settlingConformance(openStore: OpenStore): void {
  describe('settling', () => {
    const open = closing(openStore);

    it('writes down what the target was told, at once with the outcome', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1', { sourceVersion: 'v7' })]);
      await run.settle(await run.mustClaim(), ({ id }) => written(id, { created: true, targetId: 't1' }));
      assert.deepEqual(await run.state('1'), {
        key: '1',
        targetId: 't1',
        contentHash: '{"email":"k1@x.test"}',
        match: 'k1@x.test',
        fields: { email: 'k1@x.test' },
        sourceVersion: 'v7',
        lastOutcome: 'written',
        hasUnknown: false,
      });
      const totals = await run.liveTotals();
      assert.deepEqual([totals.written, totals.created, totals.updated], [1, 1, 0]);
    });

    it('keeps of a record what the target has been told, where that is not what its change says', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changedTo('1', 'ours'), changedTo('2', 'ours'), changedTo('3', 'ours')]);
      const told = { fields: { email: 'k@x.test', name: 'before' }, kept: ['name'] };
      await run.settle(await run.mustClaim(), ({ id, key }) => {
        if (key === '1') return { changeId: id, outcome: 'written', created: true, told };
        return key === '2' ? { changeId: id, outcome: 'unchanged', told } : written(id);
      });
      const states = [await run.state('1'), await run.state('2'), await run.state('3')];
      assert.deepEqual(
        states.map((state) => [state?.contentHash === undefined, state?.match, state?.fields?.['name'], state?.kept]),
        [
          [false, 'k1@x.test', 'before', ['name']],
          [false, 'k2@x.test', 'before', ['name']],
          [false, 'k3@x.test', 'ours', undefined],
        ],
      );
      const { written: sent, unchanged: found } = await run.liveTotals();
      assert.deepEqual([sent, found], [2, 1]);
    });

    it('keeps the target id that is known where an answer names none', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1', { targetId: 't1' })]);
      await run.settle(await run.mustClaim(), ({ id }) => written(id));
      await run.stage([changedTo('1', 'b')]);
      const second = await run.mustClaim();
      assert.equal(second.changes[0]?.targetId, 't1');
      await run.settle(second, ({ id }) => written(id));
      assert.equal((await run.state('1'))?.targetId, 't1');
    });

    it('calls updated what was told before, where the target does not say', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage([changed('1')]);
      await first.settle(await first.mustClaim(), ({ id }) => written(id));
      const told = await first.end();
      assert.deepEqual([told.written, told.created, told.updated], [1, 0, 0]);
      const second = await RunDriver.start(ledger, { id: 'r_2', now: 5_000 });
      await second.stage([changedTo('1', 'b')]);
      await second.settle(await second.mustClaim(), ({ id }) => written(id));
      const totals = await second.end();
      assert.deepEqual([totals.written, totals.created, totals.updated], [1, 0, 1]);
    });

    it('is for the holder of the token alone, and once', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')]);
      const batch = await run.mustClaim();
      await assert.rejects(
        run.settle({ ...batch, token: 'stranger' }, ({ id }) => written(id), [attempt()]),
        withCode('CLAIM_LOST'),
      );
      await assert.rejects(run.lose({ ...batch, token: 'stranger' }), withCode('CLAIM_LOST'));
      assert.equal(await run.state('1'), undefined);
      assert.deepEqual([await run.ledger.holdsBatch(batch.id, batch.token), await run.ledger.holdsBatch(batch.id, 'stranger')], [true, false]);
      await run.settle(batch, ({ id }) => written(id));
      assert.equal(await run.ledger.holdsBatch(batch.id, batch.token), false);
      await assert.rejects(
        run.settle(batch, ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: NEVER })),
        withCode('CLAIM_LOST'),
      );
      assert.deepEqual([(await run.liveTotals()).written, (await run.liveTotals()).rejected], [1, 0]);
    });

    it('adds what the requests of a batch cost', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')]);
      const batch = await run.mustClaim();
      const outcomes = batch.changes.map(({ id }) => written(id));
      await run.ledger.settleBatch({
        batchId: batch.id,
        token: batch.token,
        outcomes,
        terms: TERMS,
        attempts: [attempt()],
        cost: { requests: 2, retries: 1, throttled: 1 },
        at: 9.6,
      });
      const { requests, retries, throttled } = await run.liveTotals();
      assert.deepEqual([requests, retries, throttled], [2, 1, 1]);
    });

    it('sends again what was surely not applied, after what is planned before it', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1'), changed('2')]);
      const first = await run.mustClaim({ maxRecords: 1 });
      await run.settle(first, ({ id }) => ({ changeId: id, outcome: 'again' }));
      assert.deepEqual(keysOf(await run.claim()), ['1', '2']);
    });

    it('makes an update of a create that was found, by the id that was found', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1', { kind: 'create' })]);
      await run.settle(await run.mustClaim(), ({ id }) => ({ changeId: id, outcome: 'again', kind: 'update', targetId: 't9' }));
      const batch = await run.mustClaim();
      assert.deepEqual([batch.kind, batch.changes[0]?.kind, batch.changes[0]?.targetId], ['update', 'update', 't9']);
    });

    it('lets a newer change go in the place of one that was not applied, with what was learned', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changedTo('1', 'old', { kind: 'create' })]);
      const first = await run.mustClaim();
      await run.stage([changedTo('1', 'new', { kind: 'create' })]);
      await run.settle(first, ({ id }) => ({ changeId: id, outcome: 'again', kind: 'update', targetId: 't9' }));
      const batch = await run.mustClaim();
      assert.deepEqual(
        batch.changes.map((one) => [one.kind, one.targetId, one.fields['name']]),
        [['update', 't9', 'new']],
      );
      await run.settle(batch, ({ id }) => written(id));
      assert.equal(await run.claim(), undefined);
      const totals = await run.ledger.deriveTotals('r_1');
      assert.deepEqual([totals.read, totals.written], [1, 1]);
    });

    it('counts what was found equal as unchanged, and believes it', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')]);
      await run.settle(await run.mustClaim(), ({ id }) => ({ changeId: id, outcome: 'unchanged' }));
      assert.deepEqual([(await run.state('1'))?.contentHash, (await run.state('1'))?.lastOutcome], ['{"email":"k1@x.test"}', 'unchanged']);
      assert.equal((await run.liveTotals()).unchanged, 1);
    });

    it('does not believe what was superseded', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')]);
      await run.settle(await run.mustClaim(), ({ id }) => ({ changeId: id, outcome: 'superseded' }));
      assert.deepEqual([(await run.state('1'))?.contentHash, (await run.state('1'))?.lastOutcome], [undefined, 'superseded']);
    });

    it('keeps a newer verdict on a record whose older change is settled after it', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')]);
      const batch = await run.mustClaim();
      await run.stage([{ disposition: 'rejected', key: '1', rejection: NEVER, source: { id: 1 }, contentHash: 'newer', isRepeat: false }]);
      await run.settle(batch, ({ id }) => written(id, { targetId: 't1' }));
      const state = await run.state('1');
      assert.deepEqual([state?.lastOutcome, state?.rejectedHash, state?.targetId, state?.contentHash], ['rejected', 'newer', 't1', '{"email":"k1@x.test"}']);
      const totals = await run.ledger.deriveTotals('r_1');
      assert.deepEqual([totals.read, totals.rejected, totals.written], [1, 1, 0]);
      assert.deepEqual(await run.liveTotals(), totals);
    });

    it('keeps a newer refusal of a record whose older change is refused after it', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')]);
      const batch = await run.mustClaim();
      await run.stage([
        { disposition: 'rejected', key: '1', rejection: { ...NEVER, message: 'newer' }, source: { id: 1 }, contentHash: 'newer', isRepeat: false },
      ]);
      await run.settle(batch, ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: NEVER }));
      assert.deepEqual([(await run.state('1'))?.rejectedHash, (await run.state('1'))?.rejection?.message], ['newer', 'newer']);
    });

    it('keeps no settled values where only hashes are wanted, and still knows the match value', async () => {
      const ledger = await open('hashed');
      const run = await RunDriver.start(ledger);
      await run.stage([changed('1'), changed('2')]);
      const batch = await run.mustClaim();
      assert.deepEqual(batch.changes[0]?.fields, { email: 'k1@x.test' });
      await run.settle(batch, ({ id, key }) => (key === '1' ? written(id) : { changeId: id, outcome: 'held', reason: 'conflict', message: 'two of them' }));
      const state = await run.state('1');
      assert.deepEqual([state?.fields, state?.contentHash, state?.match], [undefined, '{"email":"k1@x.test"}', 'k1@x.test']);
      assert.equal(
        (await ledger.readHistory(run.scope, { key: '1' }))?.events.some((event) => 'fields' in event.details),
        false,
      );
      await run.stage([unchanged('3')]);
      assert.equal((await ledger.listRecords(run.scope, { limit: 10 })).length, 2);
    });

    it('what is not to be sent is skipped, and its id in the target kept', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1', { kind: 'create' }), changed('2', { kind: 'create' })]);
      await run.settle(await run.mustClaim(), ({ id, key }) =>
        key === '1' ? { changeId: id, outcome: 'skipped', reason: 'exists', targetId: 't1' } : { changeId: id, outcome: 'skipped', reason: 'not-in-target' },
      );
      const [one, two] = [await run.state('1'), await run.state('2')];
      assert.deepEqual(
        [one?.targetId, one?.contentHash, one?.lastOutcome, two?.targetId, two?.lastOutcome],
        ['t1', undefined, 'skipped', undefined, 'skipped'],
      );
      assert.equal((await run.end()).skipped, 2);
    });
  });
}
