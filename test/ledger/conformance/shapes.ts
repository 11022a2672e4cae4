import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ShapeFinding } from '../../../engine/compare-shapes.ts';
import type { Shape } from '../../../engine/shape.ts';
import { changed, RunDriver, SCOPE } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

const field = (present: number) => ({ present, nulls: 0, types: { string: present } });
const shape = (records: number, ...names: readonly string[]): Shape => ({
  records,
  isCut: false,
  fields: Object.fromEntries(names.map((name) => [name, field(records)])),
});
const VANISHED: ShapeFinding = {
  change: 'vanished',
  field: 'phone',
  uses: ['phone'],
  before: { ...field(2), records: 2 },
  now: { present: 0, nulls: 0, types: {}, records: 2 },
};

export function shapesConformance(openStore: OpenStore): void {
  describe('the shape of a source', () => {
    const open = closing(openStore);

    it('is kept with the pages of a segment, and of a run once it is kept', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([changed('1')], { shape: shape(1, 'email') });
      await run.stage([changed('2')], { shape: shape(2, 'email') });
      assert.deepEqual(await ledger.readSegmentShape(run.id, 0), shape(2, 'email'));
      assert.deepEqual((await ledger.readRunShape(run.id))?.shape, shape(2, 'email'));
      await ledger.keepRunShape({ runId: run.id, expected: shape(2, 'email'), at: run.tick() });
      await ledger.keepRunShape({ runId: run.id, expected: shape(9, 'other'), at: run.tick() });
      assert.equal(await ledger.readSegmentShape(run.id, 0), undefined);
      assert.deepEqual(await ledger.readRunShape(run.id), { shape: shape(2, 'email') });
      assert.deepEqual(await ledger.readExpectedShape(SCOPE), shape(2, 'email'));
    });

    it('that has changed is told of until a person accepts it', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([changed('1')], { shape: shape(2, 'email') });
      await ledger.keepRunShape({ runId: run.id, findings: [VANISHED], expected: shape(2, 'email', 'phone'), at: run.tick() });
      assert.deepEqual(await ledger.readDrift([run.id, 'r_none']), new Map([[run.id, [VANISHED]]]));
      assert.deepEqual(await ledger.readOpenDrift(SCOPE), [VANISHED]);
      assert.deepEqual(await ledger.acceptDrift(SCOPE, run.tick()), [VANISHED]);
      assert.deepEqual([await ledger.readOpenDrift(SCOPE), await ledger.acceptDrift(SCOPE, run.tick())], [[], []]);
      assert.equal((await ledger.readRunShape(run.id))?.acceptedAt, run.now - 1);
    });
  });
}
