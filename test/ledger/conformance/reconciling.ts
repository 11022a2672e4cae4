import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Finding } from '../../../ledger/drift-store.ts';
import { changed, RunDriver, TARGET, unchanged, written } from '../support/run-driver.ts';
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
