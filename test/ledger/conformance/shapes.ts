import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareShapes } from '../../../engine/compare-shapes.ts';
import type { Shape } from '../../../engine/shape.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import { changed, RunDriver, SCOPE } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

const SOURCE = 'crm contacts';

/** So many records, each with these fields. */
const shape = (records: number, ...fields: readonly string[]): Shape => ({
  records,
  isCut: false,
  fields: Object.fromEntries(fields.toSorted().map((field) => [field, { present: records, nulls: 0, types: { string: records } }])),
});

export function shapesConformance(openStore: OpenStore): void {
  describe('what records look like', () => {
    const open = closing(openStore);
    const findingsOf = (seen: Shape) =>
      compareShapes({ expected: shape(50, 'id', 'phone'), seen, isWhole: true, used: [{ use: 'mapping.phone', path: 'phone' }] });

    /** A run that has read this, ended. */
    async function ended(ledger: Ledger, id: string, now: number, seen: Shape, expected?: Shape) {
      const run = await RunDriver.start(ledger, { id, now });
      await run.stage([changed('1')], { shape: seen });
      await run.close();
      const findings = findingsOf(seen);
      await ledger.keepRunShape({ runId: id, findings, expected: expected === undefined ? undefined : { source: SOURCE, shape: expected }, at: run.tick() });
      await run.end();
      return run;
    }

    it('is kept by segment with its page, the later taking the place of the earlier', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      assert.equal(await ledger.readRunShape(run.id), undefined);
      await run.stage([changed('1')], { shape: shape(1, 'id', '__proto__', 'a.`b c`') });
      await run.stage([changed('2')], { shape: shape(2, 'id', 'name') });
      assert.deepEqual(await ledger.readSegmentShape(run.id, 0), shape(2, 'id', 'name'));
      assert.equal(await ledger.readSegmentShape(run.id, 1), undefined);
      await run.close(0, false);
      await ledger.openSegment(run.id, 1, run.tick());
      await ledger.claimReader(run.id, 1, 'reader');
      await run.stage([changed('3')], { segment: 1, shape: shape(3, 'id') });
      const all = await ledger.readRunShape(run.id);
      assert.equal(all?.shape.records, 5);
      assert.deepEqual(all?.shape.fields['id']?.present, 5);
      assert.equal(all?.findings, undefined);
    });

    it('is not kept with a page of a reader that was taken over', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await ledger.claimReader(run.id, 0, 'another');
      await assert.rejects(run.stage([changed('1')], { shape: shape(1, 'id') }), { code: 'CLAIM_LOST' });
      assert.equal(await ledger.readSegmentShape(run.id, 0), undefined);
    });

    it('of a run that has ended is one, with what was found; the first call wins', async () => {
      const ledger = await open();
      const run = await ended(ledger, 'r_1', 1_000, shape(50, 'id'), shape(50, 'id', 'phone'));
      await ledger.keepRunShape({ runId: run.id, findings: [], expected: { source: SOURCE, shape: shape(1, 'x') }, at: run.tick() });
      const kept = await ledger.readRunShape(run.id);
      assert.deepEqual(kept?.shape, shape(50, 'id'));
      assert.deepEqual(kept?.findings, findingsOf(shape(50, 'id')));
      assert.equal(await ledger.readSegmentShape(run.id, 0), undefined);
      assert.deepEqual(await ledger.readExpectedShape(SCOPE, SOURCE), shape(50, 'id', 'phone'));
      assert.equal(await ledger.readExpectedShape(SCOPE, 'crm companies'), undefined, 'another source is not expected to look like that');
      assert.deepEqual([...(await ledger.readDrift(['r_1', 'r_9'])).keys()], ['r_1']);
    });

    it('drift is open until it is accepted, and then it is expected', async () => {
      const ledger = await open();
      await ended(ledger, 'r_1', 1_000, shape(50, 'id', 'phone'), shape(50, 'id', 'phone'));
      assert.deepEqual(await ledger.readOpenDrift(SCOPE), []);
      assert.deepEqual(await ledger.acceptDrift(SCOPE, 1_500), []);
      await ended(ledger, 'r_2', 2_000, shape(50, 'id'));
      const drift = findingsOf(shape(50, 'id'));
      assert.deepEqual(await ledger.readOpenDrift(SCOPE), drift);
      assert.deepEqual(await ledger.acceptDrift(SCOPE, 2_500), drift);
      assert.deepEqual(await ledger.readOpenDrift(SCOPE), []);
      assert.deepEqual(await ledger.acceptDrift(SCOPE, 2_600), [], 'once');
      assert.deepEqual(await ledger.readExpectedShape(SCOPE, SOURCE), shape(50, 'id'));
      assert.equal((await ledger.readRunShape('r_2'))?.acceptedAt, 2_500);
    });

    it('a run that could not tell leaves open what one before it has found', async () => {
      const ledger = await open();
      await ended(ledger, 'r_1', 1_000, shape(50, 'id'), shape(50, 'id', 'phone'));
      const run = await RunDriver.start(ledger, { id: 'r_2', now: 2_000 });
      await run.stage([changed('1')], { shape: shape(1, 'id') });
      await run.close();
      await ledger.keepRunShape({ runId: run.id, at: run.tick() });
      assert.equal((await ledger.readOpenDrift(SCOPE)).length, 1);
    });
  });
}
