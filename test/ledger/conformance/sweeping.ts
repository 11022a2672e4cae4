import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ledger } from '../../../ledger/ledger.ts';
import { changed, changedTo, NEVER, NO_COST, RunDriver, skipped, TARGET, TERMS, unchanged, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function sweepingConformance(openStore: OpenStore): void {
  describe('what the source no longer has', () => {
    const open = closing(openStore);

    /** Four records that the sync created and one that it found, told of by a first run; and the run after it. */
    async function second(values?: 'plain' | 'encrypted' | 'hashed') {
      const ledger = await open(values);
      const first = await RunDriver.start(ledger);
      await first.stage(['1', '2', '3', '4', '5'].map((key) => changed(key)));
      await first.settle(await first.mustClaim(), ({ id, key }) => written(id, { created: key !== '5', targetId: `t${key}` }));
      await first.close();
      await first.end();
      return RunDriver.start(ledger, { id: 'r_2', now: first.now + 100 });
    }

    const begin = (run: RunDriver, more: Partial<Parameters<Ledger['beginSweep']>[0]> = {}) =>
      run.ledger.beginSweep({ runId: run.id, isComplete: true, scope: 'created', canConfirm: true, ...more });
    const dueOf = async (run: RunDriver) => (await run.ledger.listDue(run.id, { limit: 9 })).map(({ key }) => key);
    const stage = (run: RunDriver, archive?: { readonly stage: string }) =>
      run.ledger.stageDeletes({ runId: run.id, targetScope: TARGET, archive, isSealed: false, at: run.tick() });

    it('is what a complete read did not meet and the sync created; others are extra', async () => {
      const run = await second();
      await run.stage([unchanged('1'), unchanged('2')]);
      await run.close();
      const sweep = await begin(run);
      assert.deepEqual([sweep.known, sweep.due, sweep.extra], [5, 0, 1]);
      assert.deepEqual(await run.ledger.listUnconfirmed(run.id, 9), ['3', '4']);
      const confirmed = await run.ledger.confirmMissing(run.id, [
        { key: '3', isGone: true },
        { key: '4', isGone: false },
      ]);
      assert.equal(confirmed.due, 1);
      assert.deepEqual(await run.ledger.listDue(run.id, { limit: 9 }), [{ key: '3', targetId: 't3', match: 'k3@x.test' }]);
      assert.deepEqual(await begin(run, { scope: 'linked' }), confirmed, 'the first call wins');
    });

    it('ends the story of its record, after the reads before', async () => {
      const run = await second();
      await run.stage(['1', '2', '3', '4'].map((key) => unchanged(key)));
      await run.close();
      await run.end();
      const third = await RunDriver.start(run.ledger, { id: 'r_3', now: run.now + 100 });
      await third.stage(['1', '2', '3'].map((key) => unchanged(key)));
      await third.close();
      await begin(third);
      await third.ledger.confirmMissing(third.id, [{ key: '4', isGone: true }]);
      await third.settle(await third.mustClaim({ segment: await stage(third) }), ({ id }) => written(id));
      const story = await third.ledger.readHistory(third.scope, { key: '4' });
      assert.deepEqual(
        story?.events.map(({ runId, event }) => `${runId} ${event}`),
        ['r_1 first-seen', 'r_1 staged', 'r_1 claimed', 'r_1 written', 'r_2 last-seen', 'r_3 staged', 'r_3 claimed', 'r_3 deleted'],
      );
    });

    it('with scope linked takes what the sync found, too', async () => {
      const run = await second();
      await run.stage(['1', '2', '3', '4'].map((key) => unchanged(key)));
      await begin(run, { scope: 'linked' });
      assert.deepEqual(await run.ledger.listUnconfirmed(run.id, 9), ['5']);
    });

    it('that can be asked for nowhere is due when two complete reads have missed it', async () => {
      const run = await second();
      await run.stage(['1', '2', '3', '5'].map((key) => unchanged(key)));
      await run.close();
      const sweep = await begin(run, { canConfirm: false });
      assert.deepEqual([sweep.due, sweep.unconfirmed], [0, 1]);
      await run.end();
      const third = await RunDriver.start(run.ledger, { id: 'r_3', now: run.now + 100 });
      await third.stage(['1', '2', '5'].map((key) => unchanged(key)));
      await third.close();
      const again = await begin(third, { canConfirm: false });
      assert.deepEqual([again.due, again.unconfirmed], [1, 1]);
      assert.deepEqual(await dueOf(third), ['4']);
    });

    it('is asked for in spite of failures before, which are in a row no longer once the source has answered', async () => {
      const run = await second();
      await run.stage(['1', '2', '3', '4'].map((key) => unchanged(key)));
      await run.close();
      await begin(run);
      const failed = async () => (await run.ledger.countFailure(run.id, 0, run.tick())).count;
      assert.deepEqual([await failed(), await failed()], [1, 2]);
      await run.ledger.confirmMissing(run.id, []);
      assert.equal(await failed(), 3);
      await run.ledger.confirmMissing(run.id, [{ key: '5', isGone: false }]);
      assert.equal(await failed(), 1);
    });

    it('is missed by no run of events, which reads only what it is told of', async () => {
      const run = await second();
      await run.stage(['1', '2', '3', '5'].map((key) => unchanged(key)));
      await run.close();
      await run.end();
      await run.ledger.requestRun({ id: 'r_3', scope: run.scope, trigger: 'events', options: { events: true }, at: run.now + 100 });
      const events = await RunDriver.start(run.ledger, { id: 'r_3', now: run.now + 100 });
      await events.close();
      await events.end();
      const next = await RunDriver.start(run.ledger, { id: 'r_4', now: events.now + 100 });
      await next.stage(['1', '2', '5'].map((key) => unchanged(key)));
      await next.close();
      const { due, unconfirmed } = await begin(next, { canConfirm: false });
      assert.deepEqual([due, unconfirmed, await dueOf(next)], [1, 1, ['4']]);
    });

    it('that the source tells of is asked for once more, where it can be', async () => {
      const run = await second();
      await run.stage([{ disposition: 'skipped', key: '2', reason: 'gone' }]);
      const sweep = await begin(run, { isComplete: false });
      assert.deepEqual([sweep.due, await run.ledger.listUnconfirmed(run.id, 9)], [0, ['2']]);
      const other = await second();
      await other.stage([{ disposition: 'skipped', key: '2', reason: 'gone' }]);
      await begin(other, { isComplete: false, canConfirm: false });
      assert.deepEqual(await dueOf(other), ['2']);
    });

    it('in a part of the source is only what was met and left out', async () => {
      const run = await second();
      await run.stage([skipped('2')]);
      await begin(run, { isComplete: false });
      assert.deepEqual(await dueOf(run), ['2']);
    });

    it('is deleted by the write protocol, with a sum of its own; what returns is a new one', async () => {
      const run = await second();
      await run.stage([skipped('2'), skipped('3'), ...['1', '4', '5'].map((key) => unchanged(key))], { isLast: true });
      await run.close();
      await begin(run);
      const segment = await stage(run);
      assert.equal(await stage(run), segment, 'staged once');
      const batch = await run.mustClaim({ segment });
      assert.deepEqual(
        batch.changes.map(({ key, kind, targetId, match }) => [key, kind, targetId, match]),
        [
          ['2', 'delete', 't2', 'k2@x.test'],
          ['3', 'delete', 't3', 'k3@x.test'],
        ],
      );
      await run.settle(batch, ({ id, key }) =>
        key === '2' ? written(id) : { changeId: id, outcome: 'rejected', rejection: { reason: 'api-rejected', message: 'is in use', retry: 'never' } },
      );
      const totals = await run.end();
      assert.deepEqual([totals.deletesDue, totals.deleted, totals.deletesRejected, totals.deletesHeld], [2, 1, 1, 0]);
      assert.deepEqual([totals.read, totals.skipped, totals.unchanged, totals.written], [5, 2, 3, 0]);
      const [gone, kept] = [await run.state('2'), await run.state('3')];
      assert.deepEqual([gone?.contentHash, gone?.targetId, kept?.targetId], [undefined, undefined, 't3']);
      const third = await RunDriver.start(run.ledger, { id: 'r_3', now: run.now + 100 });
      await third.stage([changed('2', { kind: 'create' })]);
      assert.equal((await third.mustClaim()).changes[0]?.kind, 'create');
    });

    it('is archived by an update, once, and told anew when it returns', async () => {
      const run = await second('encrypted');
      await run.stage([skipped('2'), ...['1', '3', '4', '5'].map((key) => unchanged(key))], { isLast: true });
      await run.close();
      await begin(run);
      const batch = await run.mustClaim({ segment: await stage(run, { stage: 'other' }) });
      assert.deepEqual([batch.kind, batch.changes[0]?.fields, batch.changes[0]?.targetId], ['update', { stage: 'other' }, 't2']);
      await run.settle(batch, ({ id }) => written(id));
      assert.equal((await run.end()).deleted, 1);
      const third = await RunDriver.start(run.ledger, { id: 'r_3', now: run.now + 100 });
      await third.stage([skipped('2')]);
      assert.equal((await begin(third, { isComplete: false })).due, 0, 'archived already');
      await third.stage([changedTo('2', 'back')]);
      assert.equal((await third.mustClaim()).changes[0]?.targetId, 't2');
    });

    it('and waits for an answer that was lost, or for a person, is held', async () => {
      const run = await second();
      await run.stage([skipped('2'), skipped('3'), ...['1', '4', '5'].map((key) => unchanged(key))], { isLast: true });
      await run.close();
      await begin(run);
      await run.ledger.noteSweep(run.id, { state: 'denied' });
      const totals = await run.end();
      assert.deepEqual([totals.deletesDue, totals.deletesHeld], [2, 2]);
      assert.equal((await run.ledger.readRun(run.id))?.sweep?.state, 'denied');
      const third = await RunDriver.start(run.ledger, { id: 'r_3', now: run.now + 100 });
      await third.stage([skipped('2'), ...['1', '3', '4', '5'].map((key) => unchanged(key))], { isLast: true });
      await third.close();
      await begin(third);
      await third.lose(await third.mustClaim({ segment: await stage(third) }));
      assert.equal((await third.end()).deletesHeld, 1);
      const fourth = await RunDriver.start(run.ledger, { id: 'r_4', now: third.now + 100 });
      const [lost] = await fourth.ledger.listUnresolved('r_4', 0, []);
      assert.ok(lost !== undefined);
      const again = await fourth.takeOver(lost.id, 'next', lost.token);
      assert.equal(again.kind, 'delete');
      await fourth.ledger.settleBatch({
        batchId: again.id,
        token: again.token,
        outcomes: again.changes.map(({ id }) => written(id)),
        terms: TERMS,
        attempts: [],
        cost: NO_COST,
        at: fourth.tick(),
      });
      assert.equal((await fourth.state('2'))?.contentHash, undefined);
      assert.equal((await fourth.liveTotals()).written, 0);
    });

    it('after a long wait is asked for anew, but for what the run itself has met', async () => {
      const run = await second();
      await run.stage([skipped('2'), ...['1', '4', '5'].map((key) => unchanged(key))]);
      await begin(run);
      await run.ledger.confirmMissing(run.id, [{ key: '3', isGone: true }]);
      assert.deepEqual(await dueOf(run), ['2', '3']);
      await run.ledger.doubtMissing(run.id);
      assert.deepEqual([await dueOf(run), await run.ledger.listUnconfirmed(run.id, 9)], [['2'], ['3']]);
    });

    /** Two keys that are one record in the target: '2' made it, '3' found it there later, or the other way round. And '1', which has one of its own. */
    async function sharing({ lastTold = '2', values }: { readonly lastTold?: '2' | '3'; readonly values?: 'plain' | 'hashed' } = {}) {
      const ledger = await open(values);
      const run = await RunDriver.start(ledger);
      const match = 'same@x.test';
      const of = (key: string) => changed(key, { match, fields: { email: match, name: `of ${key}` } });
      const tell = async (key: string, created: boolean) => {
        await run.stage([of(key)]);
        await run.settle(await run.mustClaim(), ({ id }) => written(id, { created, targetId: 't7' }));
      };
      await run.stage([changed('1')]);
      await run.settle(await run.mustClaim(), ({ id }) => written(id, { created: true, targetId: 't1' }));
      await tell('2', true);
      await tell('3', false);
      await run.close();
      await run.end();
      if (lastTold === '3') return RunDriver.start(ledger, { id: 'r_2', now: run.now + 100 });
      const again = await RunDriver.start(ledger, { id: 'r_1b', now: run.now + 100 });
      await again.stage([changed('2', { match, fields: { email: match, name: 'newer' } }), unchanged('1'), unchanged('3')], { isLast: true });
      await again.settle(await again.mustClaim(), ({ id }) => written(id, { targetId: 't7' }));
      await again.close();
      await again.end();
      return RunDriver.start(ledger, { id: 'r_2', now: again.now + 100 });
    }
    const passOn = (run: RunDriver) => run.ledger.passOnShared({ runId: run.id, kind: 'update', isSealed: false, at: run.tick() });
    async function sweepOf(run: RunDriver, there: readonly string[]) {
      await run.stage(
        there.map((key) => unchanged(key)),
        { isLast: true },
      );
      await run.close();
      await begin(run, { scope: 'linked' });
      const missing = await run.ledger.listUnconfirmed(run.id, 9);
      await run.ledger.confirmMissing(
        run.id,
        missing.map((key) => ({ key, isGone: true })),
      );
      return passOn(run);
    }

    it('stays where another record of the source is the same one in the target, which is told again what it was told last', async () => {
      const run = await sharing();
      const { sweep, segment } = await sweepOf(run, ['1', '3']);
      assert.deepEqual([sweep.due, sweep.shared, await dueOf(run)], [0, 1, []]);
      assert.ok(segment !== undefined);
      assert.equal((await passOn(run)).segment, segment, 'found again after a crash');
      assert.equal((await passOn(run)).sweep.shared, 1);
      const batch = await run.mustClaim({ segment });
      assert.deepEqual(
        batch.changes.map(({ key, kind, targetId, match, fields }) => ({ key, kind, targetId, match, fields })),
        [{ key: '3', kind: 'update', targetId: 't7', match: 'same@x.test', fields: { email: 'same@x.test', name: 'of 3' } }],
      );
      await run.settle(batch, ({ id }) => written(id));
      assert.equal((await passOn(run)).segment, undefined, 'nothing waits');
      const totals = await run.end();
      assert.deepEqual([totals.read, totals.unchanged, totals.written, totals.deletesDue, totals.deleted], [2, 2, 0, 0, 0], 'no sum of records moves');
      const [gone, heir] = [await run.state('2'), await run.state('3')];
      assert.deepEqual([gone?.contentHash, gone?.targetId], [undefined, undefined]);
      assert.deepEqual([heir?.targetId, heir?.fields], ['t7', { email: 'same@x.test', name: 'of 3' }]);
      const story = await run.ledger.readHistory(run.scope, { key: '2' });
      assert.match(story?.events.findLast(({ event }) => event === 'kept')?.text ?? '', /kept in the target: key 3 of the source is the same record there/);
      const third = await RunDriver.start(run.ledger, { id: 'r_3', now: run.now + 100 });
      const after = await sweepOf(third, ['1']);
      assert.deepEqual([after.sweep.due, after.sweep.shared, await dueOf(third)], [1, 0, ['3']], 'now it is its own, and goes with it');
    });

    it('is the other one’s to delete from then on, where the sync takes only what it created', async () => {
      const run = await sharing();
      await sweepOf(run, ['1', '3']);
      await run.end();
      const third = await RunDriver.start(run.ledger, { id: 'r_3', now: run.now + 100 });
      await third.stage([unchanged('1')], { isLast: true });
      await third.close();
      await begin(third);
      assert.deepEqual(await third.ledger.listUnconfirmed(third.id, 9), ['3']);
    });

    it('needs not be told again where the other was told later, and cannot be where values are not kept: then it is sent when it is read', async () => {
      const later = await sharing({ lastTold: '3' });
      const kept = await sweepOf(later, ['1', '3']);
      assert.deepEqual([kept.sweep.shared, kept.segment], [1, undefined]);
      assert.equal((await later.state('3'))?.targetId, 't7');
      const hashed = await sharing({ values: 'hashed' });
      const before = (await hashed.state('3'))?.contentHash;
      const swept = await sweepOf(hashed, ['1', '3']);
      assert.deepEqual([swept.sweep.shared, swept.segment], [1, undefined]);
      assert.notEqual((await hashed.state('3'))?.contentHash, before, 'in doubt');
    });

    it('is listed, and due, where it was not told again after all, or cannot be from here', async () => {
      const due = ({ ledger, scope }: RunDriver) => ledger.listRejected(scope, { limit: 9, due: { at: 1_000_000, mappingHash: 'mapping' } });
      const ended = await sharing();
      await sweepOf(ended, ['1', '3']);
      await ended.end('failed');
      const refused = await sharing();
      const { segment = -1 } = await sweepOf(refused, ['1', '3']);
      await refused.settle(await refused.mustClaim({ segment }), ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: { ...NEVER, retry: 'later' } }));
      const hashed = await sharing({ values: 'hashed' });
      await sweepOf(hashed, ['1', '3']);
      for (const run of [ended, refused, hashed]) {
        assert.deepEqual(await due(run), [{ key: '3' }]);
        assert.equal((await run.ledger.groupRejections(run.scope))[0]?.reason, run === refused ? 'api-rejected' : 'held');
      }
      assert.deepEqual((await ended.state('3'))?.fields, { email: 'same@x.test', name: 'of 3' }, 'what is compared');
    });

    it('goes where all that were the same one in the target have gone', async () => {
      const run = await sharing();
      const { sweep, segment } = await sweepOf(run, ['1']);
      assert.deepEqual([sweep.due, sweep.shared, segment, await dueOf(run)], [2, 0, undefined, ['2', '3']]);
    });
  });
}
