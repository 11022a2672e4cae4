import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attempt, changed, changedTo, held, keysOf, NEVER, RunDriver, withCode, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function unknownWritesConformance(openStore: OpenStore): void {
  describe('writes without an answer', () => {
    const open = closing(openStore);

    it('keep their target record busy until they are resolved, in every run', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([changed('1')]);
      const batch = await run.mustClaim();
      await run.lose(batch, [attempt({ failure: 'no answer within 30 s' })]);
      const other = await RunDriver.start(ledger, { id: 'r_2', scope: 'acme/dev/leads' });
      await other.stage([changed('a', { match: 'k1@x.test' })]);
      assert.equal(await other.claim(), undefined);
      assert.equal((await run.state('1'))?.hasUnknown, true);
      await assert.rejects(
        run.settle(batch, ({ id }) => written(id)),
        withCode('CLAIM_LOST'),
        'the token went with the answer',
      );
      const taken = await run.takeOver(batch.id, 'second');
      assert.deepEqual([keysOf(taken), taken.attempts, taken.kind, taken.token], [['1'], 1, 'upsert', 'second']);
      assert.equal(await other.claim(), undefined);
      await run.settle(taken, ({ id }) => written(id));
      assert.equal((await run.state('1'))?.hasUnknown, false);
      assert.deepEqual(keysOf(await other.claim()), ['a']);
    });

    it('are the changes that an answer did not mention', async () => {
      const run = await RunDriver.start(await open());
      await run.stage(['1', '2', '3'].map((key) => changed(key)));
      const batch = await run.mustClaim();
      await run.settle(batch, ({ id, key }) => (key === '2' ? undefined : written(id)));
      assert.deepEqual(await run.ledger.readBacklog('r_1', 0), { planned: 0, inFlight: 0, unknown: 1, isClosed: false });
      assert.deepEqual([(await run.state('2'))?.hasUnknown, (await run.state('1'))?.hasUnknown], [true, false]);
      assert.deepEqual(
        (await run.ledger.listUnresolved('r_1', 0, [batch.token])).map(({ id, size, state, kind }) => [id, size, state, kind]),
        [[batch.id, 1, 'unknown', 'upsert']],
      );
      const taken = await run.takeOver(batch.id, 'second');
      assert.deepEqual(keysOf(taken), ['2']);
      await run.settle(taken, ({ id }) => written(id));
      assert.deepEqual(await run.ledger.listUnresolved('r_1', 0, []), []);
      assert.equal((await run.liveTotals()).written, 3);
    });

    it('are listed with those in flight that are nobody’s own', async () => {
      const run = await RunDriver.start(await open());
      await run.stage(['1', '2', '3'].map((key) => changed(key)));
      const own = await run.mustClaim({ maxRecords: 1 });
      const gone = await run.mustClaim({ maxRecords: 1, sendBy: 4_242 });
      const lost = await run.mustClaim({ maxRecords: 1 });
      await run.lose(lost);
      const listed = await run.ledger.listUnresolved('r_1', 0, [own.token, lost.token]);
      assert.deepEqual(
        listed.map(({ id, state, token }) => [id, state, token]),
        [
          [gone.id, 'sending', gone.token],
          [lost.id, 'unknown', lost.token],
        ],
      );
      assert.equal(listed[0]?.sendBy, 4_242);
      assert.deepEqual(await run.ledger.listUnresolved('r_1', 1, []), []);
    });

    it('are taken over once: who saw an older holder comes too late', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')]);
      const batch = await run.mustClaim();
      const first = await run.takeOver(batch.id, 'first', batch.token);
      await assert.rejects(run.takeOver(batch.id, 'second', batch.token), withCode('CLAIM_LOST'));
      await assert.rejects(
        run.settle(batch, ({ id }) => written(id)),
        withCode('CLAIM_LOST'),
      );
      assert.equal(await run.ledger.holdsBatch(batch.id, 'first'), true);
      await run.settle(first, ({ id }) => written(id));
      await assert.rejects(run.takeOver(batch.id, 'third'), withCode('CLAIM_LOST'));
      await assert.rejects(run.takeOver('b_nobody', 'third'), withCode('CLAIM_LOST'));
    });

    it('are held in the totals of a run that ends, and found by the next one', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage([changed('1'), changed('2')]);
      const lost = await first.mustClaim({ maxRecords: 1 });
      await first.lose(lost);
      const sending = await first.mustClaim({ maxRecords: 1 });
      const totals = await first.end();
      assert.deepEqual([totals.read, totals.held], [2, 2]);
      assert.equal((await ledger.countRecords(first.scope)).held, 2);
      assert.deepEqual(
        (await ledger.groupRejections(first.scope)).map((group) => [group.reason, group.count]),
        [['unknown', 2]],
      );
      const second = await RunDriver.start(ledger, { id: 'r_2', now: 5_000 });
      const ids = (await ledger.listUnresolved('r_2', 0, [])).map((batch) => batch.id);
      assert.deepEqual(ids, [lost.id, sending.id]);
      assert.deepEqual(await ledger.listUnresolved('r_2', 1, []), []);
      await second.settle(await second.takeOver(lost.id, 'w'), ({ id }) => written(id, { created: true }));
      await second.settle(await second.takeOver(sending.id, 'w'), ({ id }) => written(id, { created: true }));
      assert.deepEqual([(await second.state('1'))?.lastOutcome, (await second.state('2'))?.hasUnknown], ['written', false]);
      assert.equal((await first.liveTotals()).held, 2, 'the books of a closed run stay');
    });

    it('of an ended run that were not applied go on in the live one, and its books close', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage(['1', '2', '3', '4'].map((key) => changed(key)));
      const lost = await first.mustClaim();
      await first.end('failed');
      const second = await RunDriver.start(ledger, { id: 'r_2', now: 5_000 });
      await second.stage([held('1', 'unknown', 'an earlier write got no answer'), held('2', 'unknown', 'an earlier write got no answer')]);
      await second.settle(await second.takeOver(lost.id, 'w'), ({ id, key }) =>
        key === '2' ? { changeId: id, outcome: 'held', reason: 'unknown', message: 'look there' } : { changeId: id, outcome: 'again' },
      );
      assert.deepEqual(await second.stage([changed('3')]), { staged: 0, seenAgain: 1 });
      const batch = await second.mustClaim();
      assert.deepEqual(keysOf(batch), ['1', '3', '4']);
      await second.settle(batch, ({ id }) => written(id, { created: true }));
      await second.close();
      const totals = await ledger.deriveTotals('r_2');
      assert.deepEqual([totals.read, totals.retriedFromEarlier, totals.seenAgain, totals.written, totals.held], [2, 2, 1, 3, 1]);
      assert.deepEqual(await second.liveTotals(), totals);
    });

    it('of a run that had ended before go on in the first segment of the live one, although all else of it is written: its writer looks into them', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage([changed('1')]);
      const lost = await first.mustClaim();
      await first.end('failed');
      const second = await RunDriver.start(ledger, { id: 'r_2', now: 5_000 });
      await second.close();
      await second.settle(await second.takeOver(lost.id, 'w'), ({ id }) => ({ changeId: id, outcome: 'again' }));
      assert.deepEqual(keysOf(await second.claim()), ['1']);
    });

    it('of an ended run give way to what the live one has planned', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage([changedTo('1', 'old')]);
      const lost = await first.mustClaim();
      await first.end('failed');
      const second = await RunDriver.start(ledger, { id: 'r_2', now: 5_000 });
      await second.stage([changedTo('1', 'new')]);
      assert.equal(await second.claim(), undefined);
      await second.settle(await second.takeOver(lost.id, 'w'), ({ id }) => ({ changeId: id, outcome: 'again' }));
      const batch = await second.mustClaim();
      assert.equal(batch.changes[0]?.fields['name'], 'new');
      await second.settle(batch, ({ id }) => written(id));
      const totals = await ledger.deriveTotals('r_2');
      assert.deepEqual([totals.read, totals.written, totals.retriedFromEarlier], [1, 1, 0]);
      assert.deepEqual(await second.liveTotals(), totals);
    });

    it('that a person is to decide are held, and not sent by what was planned beside them', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changedTo('1', 'old')]);
      const batch = await run.mustClaim();
      await run.stage([changedTo('1', 'new')]);
      await run.settle(batch, ({ id }) => ({ changeId: id, outcome: 'held', reason: 'unknown', message: 'look there, then decide' }));
      assert.equal((await run.state('1'))?.hasUnknown, true);
      assert.equal(await run.claim(), undefined);
      const totals = await run.ledger.deriveTotals('r_1');
      assert.deepEqual([totals.read, totals.held], [1, 1]);
      assert.deepEqual(await run.liveTotals(), totals);
    });

    it('of creates that a person is to decide keep their match value: nobody else creates it, and who waits is tried again', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      const match = 'same@x.test';
      await run.stage([changed('1', { kind: 'create', match }), changed('2', { kind: 'create', match, fields: { email: match, name: 'two' } })]);
      const batch = await run.mustClaim();
      await run.lose(batch);
      const taken = await run.takeOver(batch.id, 'second');
      await run.settle(taken, ({ id }) => ({ changeId: id, outcome: 'held', reason: 'unknown', message: 'look there' }));
      const other = await RunDriver.start(ledger, { id: 'r_2', scope: 'acme/dev/leads' });
      await other.stage([changed('a', { kind: 'create', match }), changed('b', { kind: 'create' })]);
      assert.equal(await run.claim(), undefined);
      assert.deepEqual(keysOf(await other.claim()), ['b']);
      const { claimed } = await other.stageFor([{ maxRecords: 1 }], [changed('c', { kind: 'create', match }), changed('d', { kind: 'create' })]);
      assert.ok(!claimed.flatMap(keysOf).includes('c'), 'nor is it handed over as it is staged');
      const waiting = await run.state('2');
      assert.deepEqual([waiting?.lastOutcome, waiting?.hasUnknown, waiting?.retryAt !== undefined], ['held', false, true]);
      const [due] = await ledger.listRejected(run.scope, { limit: 9, keys: ['2'] });
      assert.deepEqual(due, { key: '2', source: { email_address: match } }, 'with what was read of it');
      const events = (await ledger.readHistory(run.scope, { key: '2' }))?.events ?? [];
      assert.match(events.findLast(({ event }) => event === 'held')?.text ?? '', /whether it arrived is not known/);
      await ledger.resolveUnknown(run.scope, '1', { as: 'not-written' }, run.tick());
      assert.ok(keysOf(await other.claim()).includes('c'), 'free again');
    });

    it('say when they were first claimed, and whether they are the rest of a batch', async () => {
      const run = await RunDriver.start(await open());
      await run.stage(['1', '2'].map((key) => changed(key)));
      const batch = await run.mustClaim();
      const claimedAt = run.now;
      await run.lose(batch);
      const facts = async () => (await run.ledger.listUnresolved(run.id, 0, [])).map((one) => [one.claimedAt, one.isPart]);
      assert.deepEqual(await facts(), [[claimedAt, false]]);
      const taken = await run.takeOver(batch.id, 'second');
      await run.settle(taken, ({ id, key }) => (key === '1' ? written(id) : undefined));
      assert.deepEqual(await facts(), [[claimedAt, true]]);
    });

    it('that turn out rejected are rejected', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1')]);
      const batch = await run.mustClaim();
      await run.lose(batch);
      assert.equal((await run.liveTotals()).held, 1);
      await run.settle(await run.takeOver(batch.id, 'w'), ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: NEVER }));
      assert.deepEqual([(await run.state('1'))?.hasUnknown, (await run.state('1'))?.lastOutcome], [false, 'rejected']);
      assert.deepEqual([(await run.liveTotals()).held, (await run.liveTotals()).rejected], [0, 1]);
    });

    it('say when their request was over, where its sender lived to see that', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1'), changed('2')]);
      const [lost, left] = [await run.mustClaim({ maxRecords: 1 }), await run.mustClaim({ maxRecords: 1 })];
      await run.lose(lost);
      const endedAt = run.now;
      const ends = async () => (await run.ledger.listUnresolved(run.id, 0, [])).map((one) => [one.id, one.endedAt]);
      assert.deepEqual(await ends(), [
        [lost.id, endedAt],
        [left.id, undefined],
      ]);
      await run.takeOver(lost.id, 'another');
      assert.deepEqual(await ends(), [
        [lost.id, undefined],
        [left.id, undefined],
      ]);
    });

    it('of other syncs are told where planned changes wait for their target records', async () => {
      const ledger = await open();
      const other = await RunDriver.start(ledger, { id: 'r_other', scope: 'acme/dev/members' });
      await other.stage([changed('a', { match: 'same@x.test' }), changed('b', { targetId: 't7' }), changed('c')]);
      const batches = [await other.mustClaim({ maxRecords: 1 }), await other.mustClaim({ maxRecords: 1 }), await other.mustClaim({ maxRecords: 1 })];
      const run = await RunDriver.start(ledger, { id: 'r_own' });
      await run.stage([changed('1', { match: 'same@x.test' }), changed('2', { targetId: 't7' }), changed('3')]);
      assert.deepEqual(keysOf(await run.claim()), ['3']);
      const blocking = await ledger.listBlocking(run.id, 0);
      assert.deepEqual(
        blocking.map(({ id, runId, state }) => ({ id, runId, state })),
        batches.slice(0, 2).map(({ id }) => ({ id, runId: 'r_other', state: 'sending' })),
      );
      for (const { id } of blocking) await other.settle(await other.takeOver(id, `by another ${id}`), (one) => written(one.id));
      assert.deepEqual(await ledger.listBlocking(run.id, 0), []);
      assert.deepEqual(keysOf(await run.claim()), ['1', '2']);
    });
  });
}
