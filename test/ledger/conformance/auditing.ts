import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifyAudit } from '../../../ledger/audit/verify-audit.ts';
import { auditInput } from '../support/audit-input.ts';
import { changed, RunDriver, SCOPE } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function auditingConformance(openStore: OpenStore): void {
  describe('the audit log', () => {
    const open = closing(openStore);

    it('keeps who did what, when and where, each entry with the hash of the one before', async () => {
      const ledger = await open();
      assert.deepEqual(await verifyAudit(ledger), { whole: 0 });
      await ledger.appendAudit(auditInput({ at: 1_000, action: 'run.started', sync: 'contacts', runId: 'r_1', details: { records: 3, full: true } }));
      await ledger.appendAudit(auditInput({ at: 2_000, user: 'Zoë "Z"\u0000', action: 'run.paused' }));
      const [second, first] = await ledger.listAudit({ project: 'acme', profile: 'dev', limit: 10 });
      const { hash, ...entry } = first ?? {};
      assert.deepEqual(entry, {
        n: 1,
        at: 1_000,
        user: 'ada',
        host: 'laptop',
        way: 'cli',
        project: 'acme',
        profile: 'dev',
        action: 'run.started',
        sync: 'contacts',
        runId: 'r_1',
        details: { records: 3, full: true },
      });
      assert.deepEqual([second?.n, second?.user, second?.sync, second?.details], [2, 'Zoë "Z"\u0000', undefined, {}]);
      assert.deepEqual(await verifyAudit(ledger, hash), { whole: 2, firstAt: 1_000, head: { n: 2, hash: second?.hash, at: 2_000 } });
    });

    it('lists the newest first, of a project and profile, of a sync, since a time, so many', async () => {
      const ledger = await open();
      for (let at = 1; at <= 6; at++) await ledger.appendAudit(auditInput({ at, sync: at % 2 === 0 ? 'even' : 'odd' }));
      await ledger.appendAudit(auditInput({ at: 7, profile: 'prod' }));
      await ledger.appendAudit(auditInput({ at: 8, project: 'other' }));
      const list = async (query: { readonly sync?: string; readonly since?: number; readonly limit?: number }) =>
        (await ledger.listAudit({ project: 'acme', profile: 'dev', limit: 10, ...query })).map(({ at }) => at);
      assert.deepEqual(await list({}), [6, 5, 4, 3, 2, 1]);
      assert.deepEqual(await list({ sync: 'even', since: 3 }), [6, 4]);
      assert.deepEqual(await list({ limit: 2 }), [6, 5]);
    });

    it('is added to by many at once, and stays whole', async () => {
      const ledger = await open();
      await Promise.all(Array.from({ length: 60 }, (_, n) => ledger.appendAudit(auditInput({ at: n, details: { n } }))));
      const verdict = await verifyAudit(ledger);
      assert.deepEqual([verdict.whole, verdict.broken, verdict.head?.n], [60, undefined, 60]);
    });

    it('has an entry of an action once per run, where that is asked for', async () => {
      const ledger = await open();
      const started = auditInput({ action: 'run.started', runId: 'r_1' });
      for (let n = 0; n < 3; n++) await ledger.appendAudit(started, { isOncePerRun: true });
      await ledger.appendAudit({ ...started, action: 'definition.changed' }, { isOncePerRun: true });
      await ledger.appendAudit({ ...started, runId: 'r_2' }, { isOncePerRun: true });
      assert.equal((await verifyAudit(ledger)).whole, 3);
    });

    it('is not pruned, and has nothing of a record that is forgotten', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([changed('4711')]);
      await ledger.appendAudit(auditInput({ at: 5 }));
      await ledger.pruneAudit(1e9);
      await ledger.forgetRecord(SCOPE, '4711');
      assert.equal((await verifyAudit(ledger)).whole, 1);
    });
  });
}
