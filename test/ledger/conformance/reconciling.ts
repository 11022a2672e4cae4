import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Finding } from '../../../ledger/drift-store.ts';
import type { ChangeOutcome, ClaimedChange, Ledger } from '../../../ledger/ledger.ts';
import { changed, changedTo, NEVER, RunDriver, SCOPE, skipped, TARGET, unchanged, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function reconcilingConformance(openStore: OpenStore): void {
  describe('what a reconciliation found', () => {
    const open = closing(openStore);
    const differs = (key: string, more: Partial<Finding['fields'][number]> = {}): Finding => ({
      kind: 'changed',
      key,
      match: `k${key}@x.test`,
      targetId: `t${key}`,
      fields: [{ field: 'name', written: 'Acme', found: 'ACME', ...more }],
    });
    const page = (findings: readonly Finding[], more: object = {}) => ({
      afterKey: '9',
      checked: findings.length,
      findings,
      tally: {},
      isSealed: false,
      ...more,
    });

    async function second(values?: 'plain' | 'encrypted' | 'hashed') {
      const ledger = await open(values);
      const first = await RunDriver.start(ledger);
      await first.stage(['1', '2', '3'].map((key) => changed(key)));
      await first.settle(await first.mustClaim(), ({ id, key }) => written(id, { created: true, targetId: `t${key}` }));
      await first.close();
      await first.end();
      const run = await RunDriver.start(ledger, { id: 'r_2', now: first.now + 100 });
      await run.stage(
        ['1', '2', '3'].map((key) => unchanged(key)),
        { isLast: true },
      );
      await run.close();
      return run;
    }

    it('is kept as it was found, sealed where values are, and goes on after a crash', async () => {
      const { ledger, scope } = await open('encrypted').then((store) => ({ ledger: store, scope: 'acme/dev/contacts' }));
      await ledger.beginReconciliation({ id: 'd_1', scope, at: 1 });
      await ledger.addFindings('d_1', page([differs('1')], { afterKey: '1', tally: { name: { case: 1 } } }));
      const again = await ledger.beginReconciliation({ id: 'd_1', scope, at: 2 });
      assert.deepEqual([again.afterKey, again.checked, again.found.changed, again.tally, again.startedAt], ['1', 1, 1, { name: { case: 1 } }, 1]);
      assert.equal(await ledger.readReconciliation(scope), undefined, 'it has not ended');
      const goingOn = await ledger.findReconciliation('d_1');
      assert.deepEqual([goingOn?.checked, goingOn?.found.changed, goingOn?.endedAt], [1, 1, undefined]);
      assert.equal(await ledger.findReconciliation('d_9'), undefined);
      await ledger.addFindings('d_1', page([{ kind: 'extra', targetId: 't7', fields: [] }]));
      assert.equal((await ledger.endReconciliation('d_1', { formats: {} }, 3)).endedAt, 3);
      const [first, extra] = await ledger.listFindings('d_1', { limit: 9 });
      assert.deepEqual(
        [first, extra],
        [
          { number: 1, ...differs('1') },
          { number: 2, kind: 'extra', targetId: 't7', fields: [] },
        ],
      );
      assert.deepEqual((await ledger.listFindings('d_1', { after: 1, limit: 9 })).length, 1);
    });

    it('loses what the target does by itself once that is learned; the next one knows it', async () => {
      const { ledger, scope } = await second();
      await ledger.beginReconciliation({ id: 'd_1', scope, at: 1 });
      await ledger.addFindings('d_1', page([differs('1', { format: 'case' }), differs('2', { found: 'Other' })]));
      const ended = await ledger.endReconciliation('d_1', { formats: { name: ['case'] } }, 2);
      assert.equal(ended.found.changed, 1);
      assert.deepEqual((await ledger.beginReconciliation({ id: 'd_2', scope, at: 3 })).formats, { name: ['case'] });
      assert.equal((await ledger.readReconciliation(scope))?.id, 'd_1');
    });

    it('of counts alone keeps both', async () => {
      const { ledger, scope } = await second();
      await ledger.beginReconciliation({ id: 'd_1', scope, at: 1 });
      const counts = { told: 10, inTarget: 7 };
      assert.deepEqual((await ledger.endReconciliation('d_1', { formats: {}, counts }, 2)).counts, counts);
      assert.deepEqual((await ledger.readReconciliation(scope))?.counts, counts);
    });

    it('is written again: what changed by its id, what is missing anew, and no sum of records moves', async () => {
      const run = await second('encrypted');
      const { ledger, scope } = run;
      await ledger.beginReconciliation({ id: 'd_1', scope, at: 1 });
      await ledger.addFindings('d_1', page([differs('1'), { kind: 'missing', key: '2', fields: [] }, { kind: 'duplicated', key: '3', fields: [] }]));
      await ledger.endReconciliation('d_1', { formats: {} }, 2);
      const kinds = { missing: 'create', changed: 'update' } as const;
      const repairs = { runId: run.id, reconciliationId: 'd_1', targetScope: TARGET, kinds, isSealed: false, at: run.tick() };
      const segment = await ledger.stageRepairs(repairs);
      assert.equal(await ledger.stageRepairs(repairs), segment, 'staged once');
      for (let batch = await run.claim({ segment }); batch !== undefined; batch = await run.claim({ segment })) {
        assert.deepEqual(
          batch.changes.map(({ key, kind, targetId, fields }) => [key, kind, targetId, fields]),
          [batch.kind === 'update' ? ['1', 'update', 't1', { email: 'k1@x.test' }] : ['2', 'create', undefined, { email: 'k2@x.test' }]],
        );
        await run.settle(batch, ({ id, key }) => written(id, { targetId: key === '1' ? 't1' : 't2b' }));
      }
      const totals = await run.end();
      assert.deepEqual([totals.read, totals.unchanged, totals.written, totals.deletesDue], [3, 3, 0, 0]);
      assert.deepEqual([(await run.state('1'))?.contentHash, (await run.state('2'))?.targetId], ['{"email":"k1@x.test"}', 't2b']);
    });

    /** 1 was found changed, 2 missing; both are staged to be written again. */
    async function repairing(values?: 'plain' | 'encrypted') {
      const run = await second(values);
      return { run, ledger: run.ledger, segment: await repairOf(run, 'd_1') };
    }
    async function repairOf(run: RunDriver, id: string): Promise<number> {
      await run.ledger.beginReconciliation({ id, scope: SCOPE, at: run.tick() });
      await run.ledger.addFindings(id, page([differs('1'), { kind: 'missing', key: '2', fields: [] }]));
      await run.ledger.endReconciliation(id, { formats: {} }, run.tick());
      const kinds = { missing: 'create', changed: 'update' } as const;
      return run.ledger.stageRepairs({ runId: run.id, reconciliationId: id, targetScope: TARGET, kinds, isSealed: false, at: run.tick() });
    }
    async function settleAll(run: RunDriver, segment: number, outcomeOf: (change: ClaimedChange) => ChangeOutcome): Promise<readonly string[]> {
      const keys: string[] = [];
      for (let batch = await run.claim({ segment }); batch !== undefined; batch = await run.claim({ segment })) {
        keys.push(...batch.changes.map(({ key, kind }) => `${kind} ${key}`));
        await run.settle(batch, outcomeOf);
      }
      return keys.toSorted();
    }
    const listed = async (ledger: Ledger) => (await ledger.groupRejections(SCOPE)).map(({ reason, sampleKeys }) => [reason, ...sampleKeys]);
    const due = (ledger: Ledger) => ledger.listRejected(SCOPE, { limit: 9, due: { at: 1_000_000, mappingHash: 'mapping' } });
    async function third({ ledger, now }: RunDriver) {
      const run = await RunDriver.start(ledger, { id: 'r_3', now: now + 100 });
      await run.stage([unchanged('3')], { isLast: true });
      await run.close();
      return run;
    }

    it('is listed and due where its run ended before it was written again, and the next comparison finds it', async () => {
      const { run, ledger } = await repairing('encrypted');
      await run.end('failed');
      assert.deepEqual([await listed(ledger), await due(ledger)], [[['held', '1', '2']], [{ key: '1' }, { key: '2' }]]);
      assert.equal((await ledger.countRecords(SCOPE)).retriable, 2);
      assert.deepEqual((await run.state('2'))?.fields, { email: 'k2@x.test' }, 'what is compared');
      const next = await third(run);
      assert.deepEqual(await settleAll(next, await repairOf(next, 'd_2'), ({ id, key }) => written(id, { targetId: `t${key}b` })), ['create 2', 'update 1']);
      assert.deepEqual([await listed(ledger), await due(ledger), (await run.state('2'))?.targetId], [[], [], 't2b']);
      const totals = await next.end();
      assert.deepEqual([totals.read, totals.unchanged, totals.written], [1, 1, 0], 'no sum of records moves');
    });

    it('is due where the read finds it before: it is sent again as what it is by then', async () => {
      const { run, ledger } = await repairing();
      await run.end('failed');
      const next = await RunDriver.start(ledger, { id: 'r_3', now: run.now + 100 });
      await next.stage([changed('1', { kind: 'update', targetId: 't1' }), changed('2', { kind: 'create' })], { isRetry: true });
      assert.deepEqual(await settleAll(next, 0, ({ id }) => written(id, { targetId: `t${id}` })), ['create 2', 'update 1']);
      assert.deepEqual([await listed(ledger), await due(ledger)], [[], []]);
    });

    it('and was left out by the source since is not made anew', async () => {
      const { run, ledger } = await repairing();
      await run.end('failed');
      const next = await RunDriver.start(ledger, { id: 'r_3', now: run.now + 100 });
      await next.stage([skipped('2')], { isLast: true });
      await next.close();
      assert.deepEqual(await settleAll(next, await repairOf(next, 'd_2'), ({ id }) => written(id)), ['update 1']);
    });

    it('is listed where the target refused it, with its words, tried again, and then forgotten', async () => {
      const { run, ledger, segment } = await repairing('encrypted');
      await settleAll(run, segment, ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: { ...NEVER, retry: 'later' } }));
      const totals = await run.end();
      assert.deepEqual([totals.rejected, totals.unchanged, (await run.liveTotals()).rejected], [0, 3, 0], 'no sum of records moves');
      assert.deepEqual([await listed(ledger), await due(ledger)], [[['api-rejected', '1', '2']], [{ key: '1' }, { key: '2' }]]);
      const next = await third(run);
      assert.deepEqual(await settleAll(next, await repairOf(next, 'd_2'), ({ id }) => written(id)), ['create 2', 'update 1']);
      assert.deepEqual([await listed(ledger), (await run.state('1'))?.lastOutcome, (await run.state('1'))?.rejection], [[], 'written', undefined]);
    });

    it('leaves as they are refusals of newer content', async () => {
      const before = await second();
      await before.end();
      const run = await RunDriver.start(before.ledger, { id: 'r_3', now: before.now + 100 });
      await run.stage([changedTo('1', 'newer')]);
      await run.settle(await run.mustClaim(), ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: NEVER }));
      const segment = await repairOf(run, 'd_1');
      await settleAll(run, segment, ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: { ...NEVER, reason: 'other' } }));
      const [first] = await run.ledger.listRejected(SCOPE, { limit: 9 });
      assert.deepEqual([first, (await run.state('1'))?.rejection?.reason], [{ key: '1', source: { email_address: 'k1@x.test' } }, 'api-rejected']);
    });

    it('is listed for a person where its answer is lost for good', async () => {
      const { run, ledger, segment } = await repairing();
      await settleAll(run, segment, ({ id }) => ({ changeId: id, outcome: 'held', reason: 'unknown', message: 'look there' }));
      assert.equal((await run.end()).held, 0);
      assert.deepEqual(
        (await ledger.listUnknown(SCOPE, { limit: 9 })).map(({ key }) => key),
        ['1', '2'],
      );
      assert.equal(await ledger.resolveUnknown(SCOPE, '1', { as: 'not-written' }, 9_000), true);
      assert.equal(await ledger.resolveUnknown(SCOPE, '2', { as: 'written', targetId: 't9' }, 9_000), true);
      assert.deepEqual([await due(ledger), (await run.state('2'))?.targetId, (await run.state('2'))?.lastOutcome], [[{ key: '1' }], 't9', 'written']);
    });

    it('goes on where it was surely not applied: in its run, and after that in a later one', async () => {
      const { run, ledger, segment } = await repairing();
      const batch = await run.mustClaim({ segment });
      await run.settle(batch, ({ id }) => ({ changeId: id, outcome: 'again' }));
      const [first, lost] = [await run.mustClaim({ segment }), await run.mustClaim({ segment })];
      await run.settle(first, ({ id }) => written(id, { targetId: 't1' }));
      await run.lose(lost);
      await run.end();
      const next = await third(run);
      await next.settle(await next.takeOver(lost.id, 'w'), ({ id }) => ({ changeId: id, outcome: 'again' }));
      assert.deepEqual([await listed(ledger), await due(ledger)], [[['held', '2']], [{ key: '2' }]]);
      assert.equal((await next.end()).retriedFromEarlier, 0);
    });

    it('is doubted: the next read of the record sends it again', async () => {
      const run = await second();
      await run.ledger.doubtTold(run.scope, [
        { key: '1', isMissing: false },
        { key: '2', isMissing: true },
      ]);
      const [one, two] = [await run.state('1'), await run.state('2')];
      assert.notEqual(one?.contentHash, '{"email":"k1@x.test"}');
      assert.deepEqual([one?.targetId, two?.targetId, two?.contentHash], ['t1', undefined, undefined]);
      assert.deepEqual([...(await run.ledger.knownMatches(TARGET, ['k1@x.test', 'k9@x.test']))], ['k1@x.test']);
    });
  });
}
