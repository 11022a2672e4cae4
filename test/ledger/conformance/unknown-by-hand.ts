import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClaimedChange, Ledger } from '../../../ledger/ledger.ts';
import { changed, changedTo, held, RunDriver, SCOPE, skipped, TARGET, unchanged, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function unknownByHandConformance(openStore: OpenStore): void {
  describe('writes that a person resolves', () => {
    const open = closing(openStore);

    /** Two records, each held because its answer was lost, and one that was written. */
    async function hold(values?: 'plain' | 'encrypted' | 'hashed') {
      const run = await RunDriver.start(await open(values));
      await run.stage([changed('1', { kind: 'create' }), changed('2', { kind: 'create' }), changed('3', { kind: 'create' })]);
      const batch = await run.mustClaim();
      await run.lose(batch, [{ sentAt: 500, method: 'POST', path: '/orders', failure: 'no answer within 30 s' }]);
      const again = await run.takeOver(batch.id, 'second');
      await run.settle(again, ({ id, key }) =>
        key === '3' ? { changeId: id, outcome: 'written', targetId: 't3' } : { changeId: id, outcome: 'held', reason: 'unknown', message: 'look there' },
      );
      await run.end();
      return run;
    }

    it('are listed with what was sent, and what came back', async () => {
      const run = await hold();
      const [first, second, ...none] = await run.ledger.listUnknown(run.scope, { limit: 9 });
      assert.deepEqual(first, { key: '1', runId: 'r_1', sentAt: 500, request: 'POST /orders', failure: 'no answer within 30 s', message: 'look there' });
      assert.deepEqual([second?.key, none], ['2', []]);
      assert.deepEqual(
        (await run.ledger.listUnknown(run.scope, { limit: 1, afterKey: '1' })).map((one) => one.key),
        ['2'],
      );
    });

    it('written: the target has the content under the id, and the record is not sent again', async () => {
      const run = await hold();
      assert.equal(await run.ledger.resolveUnknown(run.scope, '1', { as: 'written', targetId: 't9' }, 900), true);
      const state = await run.state('1');
      assert.deepEqual([state?.targetId, state?.contentHash, state?.lastOutcome, state?.hasUnknown], ['t9', '{"email":"k1@x.test"}', 'written', false]);
      assert.deepEqual(
        (await run.ledger.listUnknown(run.scope, { limit: 9 })).map((one) => one.key),
        ['2'],
      );
      assert.ok((await run.ledger.readHistory(run.scope, { key: '1' }))?.events.some((event) => event.event === 'resolved' && event.text.includes('t9')));
      assert.deepEqual(await run.ledger.listRejected(run.scope, { limit: 9 }), []);
    });

    it('not written: the record is due at once, with what was to be sent', async () => {
      const run = await hold();
      assert.deepEqual(await run.ledger.listRejected(run.scope, { limit: 9 }), [], 'nothing is tried while it is not known');
      assert.equal(await run.ledger.resolveUnknown(run.scope, '2', { as: 'not-written' }, 900), true);
      const due = await run.ledger.listRejected(run.scope, { limit: 9, due: { at: 900, mappingHash: 'mapping' } });
      assert.deepEqual(due, [{ key: '2', source: { email_address: 'k2@x.test' } }]);
      assert.equal((await run.state('2'))?.hasUnknown, false);
    });

    /** An old version is held, its answer lost; a newer one was planned behind it, and another one was read since. */
    async function holdBehind() {
      const first = await RunDriver.start(await open());
      await first.stage([changedTo('1', 'old', { kind: 'create' })]);
      const batch = await first.mustClaim();
      await first.stage([changedTo('1', 'newer', { kind: 'create' })]);
      await first.lose(batch, [{ sentAt: 500, method: 'POST', path: '/orders', failure: 'no answer within 30 s' }]);
      await first.settle(await first.takeOver(batch.id, 'second'), ({ id }) => ({ changeId: id, outcome: 'held', reason: 'unknown', message: 'look there' }));
      assert.equal(await first.claim(), undefined, 'the newer one is not sent');
      await first.end();
      const run = await RunDriver.start(first.ledger, { id: 'r_2', now: 5_000 });
      await run.stage([held('1', 'unknown', 'an earlier write got no answer')]);
      await run.end();
      return run;
    }

    it('are those that were sent, not what was held for their sake', async () => {
      const { ledger, scope } = await holdBehind();
      const [only, ...none] = await ledger.listUnknown(scope, { limit: 9 });
      assert.deepEqual([only?.key, only?.sentAt, only?.message, none], ['1', 500, 'look there', []]);
    });

    it('written: the target has what was sent, and newer content that was held for its sake is due', async () => {
      const run = await holdBehind();
      assert.equal(await run.ledger.resolveUnknown(run.scope, '1', { as: 'written', targetId: 't9' }, 9_000), true);
      const state = await run.state('1');
      assert.deepEqual([state?.targetId, state?.fields?.['name'], state?.hasUnknown], ['t9', 'old', false]);
      const due = await run.ledger.listRejected(run.scope, { limit: 9, due: { at: 9_000, mappingHash: 'mapping' } });
      assert.deepEqual(due, [{ key: '1', source: { id: '1' } }]);
    });

    it('not written: the newest content is due', async () => {
      const run = await holdBehind();
      assert.equal(await run.ledger.resolveUnknown(run.scope, '1', { as: 'not-written' }, 9_000), true);
      const due = await run.ledger.listRejected(run.scope, { limit: 9, due: { at: 9_000, mappingHash: 'mapping' } });
      assert.deepEqual(due, [{ key: '1', source: { id: '1' } }]);
    });

    it('are resolved once, and only where there is one', async () => {
      const run = await hold();
      for (const key of ['3', 'zzz']) assert.equal(await run.ledger.resolveUnknown(run.scope, key, { as: 'written' }, 900), false);
      assert.equal(await run.ledger.resolveUnknown(run.scope, '1', { as: 'written' }, 900), true);
      assert.equal(await run.ledger.resolveUnknown(run.scope, '1', { as: 'not-written' }, 901), false);
    });

    const unknown = ({ id }: Pick<ClaimedChange, 'id'>) => ({ changeId: id, outcome: 'held', reason: 'unknown', message: 'look there' }) as const;
    const listed = async (ledger: Ledger) => (await ledger.listUnknown(SCOPE, { limit: 9 })).map(({ key }) => key);

    /** A run after one that has written 1 and 2: 2 has left the filter. */
    async function afterWriting(values?: 'hashed') {
      const ledger = await open(values);
      const first = await RunDriver.start(ledger);
      await first.stage([changed('1'), changed('2')]);
      await first.settle(await first.mustClaim(), ({ id, key }) => written(id, { created: true, targetId: `t${key}` }));
      await first.close();
      await first.end();
      const run = await RunDriver.start(ledger, { id: 'r_2', now: first.now + 100 });
      await run.stage([unchanged('1'), skipped('2')], { isLast: true });
      await run.close();
      return run;
    }

    /** The answer to the delete of 2 is lost. */
    async function holdDelete(archive?: { readonly stage: string }, values?: 'hashed') {
      const run = await afterWriting(values);
      await run.ledger.beginSweep({ runId: run.id, isComplete: true, scope: 'created', canConfirm: true });
      const segment = await run.ledger.stageDeletes({ runId: run.id, targetScope: TARGET, archive, isSealed: false, at: run.tick() });
      await run.settle(await run.mustClaim({ segment }), unknown);
      await run.end();
      return run;
    }

    /** The record of a lost write is read again, and waits for its sake. */
    async function readAgain({ ledger, now }: RunDriver, key: string) {
      const run = await RunDriver.start(ledger, { id: 'r_3', now: now + 100 });
      await run.stage([held(key, 'unknown', 'an earlier write got no answer')]);
      await run.end();
      return run;
    }
    const due = async (ledger: Ledger) => (await ledger.listRejected(SCOPE, { limit: 9, due: { at: 9_000, mappingHash: 'mapping' } })).map(({ key }) => key);

    it('are deletes, too; written: the record is as one that was deleted', async () => {
      const run = await holdDelete();
      assert.deepEqual(await listed(run.ledger), ['2']);
      assert.equal(await run.ledger.resolveUnknown(SCOPE, '2', { as: 'written' }, 9_000), true);
      const state = await run.state('2');
      assert.deepEqual(
        [state?.contentHash, state?.targetId, state?.fields, state?.lastOutcome, state?.hasUnknown],
        [undefined, undefined, undefined, undefined, false],
      );
      assert.deepEqual([await listed(run.ledger), await due(run.ledger)], [[], []]);
    });

    it('a delete that was written, of a record that is back: it is due, and a new one', async () => {
      const run = await readAgain(await holdDelete(), '2');
      assert.deepEqual(await listed(run.ledger), ['2']);
      assert.equal(await run.ledger.resolveUnknown(SCOPE, '2', { as: 'written' }, 9_000), true);
      assert.deepEqual([(await run.state('2'))?.contentHash, (await run.state('2'))?.targetId, await due(run.ledger)], [undefined, undefined, ['2']]);
    });

    it('a delete that was not written: the next sweep finds it', async () => {
      const run = await holdDelete();
      assert.equal(await run.ledger.resolveUnknown(SCOPE, '2', { as: 'not-written' }, 9_000), true);
      assert.deepEqual([(await run.state('2'))?.targetId, await due(run.ledger)], ['t2', []]);
      const next = await RunDriver.start(run.ledger, { id: 'r_3', now: run.now + 100 });
      await next.stage([unchanged('1'), skipped('2')], { isLast: true });
      await next.close();
      assert.equal((await run.ledger.beginSweep({ runId: next.id, isComplete: true, scope: 'created', canConfirm: true })).due, 1);
    });

    for (const values of [undefined, 'hashed'] as const)
      it(`an archived record that was written is told as archived${values === undefined ? '' : ', also where no values are kept'}`, async () => {
        const run = await holdDelete({ stage: 'gone' }, values);
        assert.equal(await run.ledger.resolveUnknown(SCOPE, '2', { as: 'written' }, 9_000), true);
        const state = await run.state('2');
        assert.deepEqual([state?.contentHash, state?.targetId], ['archived', 't2']);
        assert.deepEqual(state?.fields, values === undefined ? { email: 'k2@x.test', stage: 'gone' } : undefined);
      });

    it('are those of records that have left the filter since, too', async () => {
      const run = await hold();
      const next = await RunDriver.start(run.ledger, { id: 'r_2', now: 5_000 });
      await next.stage([skipped('1'), held('2', 'unknown', 'an earlier write got no answer')], { isLast: true });
      await next.end();
      assert.deepEqual(await listed(run.ledger), ['1', '2']);
      assert.equal(await run.ledger.resolveUnknown(SCOPE, '1', { as: 'not-written' }, 9_000), true);
      assert.deepEqual([(await run.state('1'))?.lastOutcome, await due(run.ledger)], ['skipped', []]);
    });

    it('keep no values where the ledger keeps none', async () => {
      const run = await hold('hashed');
      assert.equal(await run.ledger.resolveUnknown(run.scope, '1', { as: 'written', targetId: 't9' }, 900), true);
      const state = await run.state('1');
      assert.deepEqual([state?.targetId, state?.fields, state?.lastOutcome], ['t9', undefined, 'written']);
    });
  });
}
