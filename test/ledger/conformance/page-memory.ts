import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RememberedPage } from '../../../ledger/page-memory.ts';
import { changed, RunDriver, SCOPE } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

const PAGE: RememberedPage = {
  basis: 'b1',
  validators: { etag: '"1"' },
  records: [
    { key: '1', contentHash: 'h1' },
    { key: '2', reason: 'filter' },
  ],
  next: { at: 50 },
  maxCursorValue: '2026-01-01',
  shape: { records: 2, isCut: false, fields: { name: { present: 2, nulls: 0, types: { string: 2 } } } },
};

export function pageMemoryConformance(openStore: OpenStore): void {
  describe('the memory of pages', () => {
    const open = closing(openStore);
    const remember = (place: string, page: RememberedPage, scope = SCOPE, at = 1) => ({ scope, place, page, isSealed: false, at });

    it('has each page as it was read last, by scope and place', async () => {
      const ledger = await open('encrypted');
      await ledger.rememberPage(remember('p1', PAGE));
      await ledger.rememberPage(remember('p1', { ...PAGE, validators: { lastModified: 'then' } }));
      await ledger.rememberPage(remember('p1', PAGE, 'acme/dev/other'));
      assert.deepEqual((await ledger.readRememberedPage(SCOPE, 'p1'))?.validators, { lastModified: 'then' });
      assert.deepEqual(await ledger.readRememberedPage('acme/dev/other', 'p1'), PAGE);
      assert.equal(await ledger.readRememberedPage(SCOPE, 'p2'), undefined);
    });

    it('forgets those of another basis', async () => {
      const ledger = await open();
      await ledger.rememberPage(remember('p1', PAGE));
      await ledger.rememberPage(remember('p2', { ...PAGE, basis: 'b2' }));
      assert.equal(await ledger.readRememberedPage(SCOPE, 'p1'), undefined);
    });

    it('forgets all pages of a sync of which a person is forgotten, and those of before the audit trail', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([changed('1')]);
      await run.writeAll();
      await run.end();
      await ledger.rememberPage(remember('p1', PAGE));
      await ledger.forgetRecord(SCOPE, '1');
      assert.equal(await ledger.readRememberedPage(SCOPE, 'p1'), undefined);
      await ledger.rememberPage(remember('p1', PAGE));
      await ledger.rememberPage(remember('p2', PAGE, SCOPE, 5_000));
      await ledger.pruneAudit(4_000);
      assert.deepEqual([await ledger.readRememberedPage(SCOPE, 'p1'), await ledger.readRememberedPage(SCOPE, 'p2')], [undefined, PAGE]);
    });

    it('is told apart by what lookup tables hold', async () => {
      const ledger = await open();
      const digestOf = async (runId: string, entries: readonly { readonly value: string; readonly id: string }[]) => {
        await ledger.addLookupEntries(runId, 'owner', entries);
        return ledger.digestLookups(runId);
      };
      const [a, b] = [
        { value: 'ada@x.test', id: '1' },
        { value: 'bob@x.test', id: '2' },
      ];
      const first = await digestOf('r_1', [a, b]);
      assert.equal(await digestOf('r_2', [b, a]), first, 'in whatever order they came');
      assert.notEqual(await digestOf('r_3', [a, { ...b, id: '3' }]), first);
    });
  });
}
