import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictRules } from '../../engine/conflict-rules.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { Json } from '../../engine/json.ts';
import { inZone } from '../support/in-zone.ts';

const rules = new ConflictRules('newest-wins', compileExpression('changed'), { name: 'name' });

/** Whose value stands where both sides changed the field; `asked`: a person decides. */
async function winner(sourceTime: string | undefined, changed: Json): Promise<string> {
  const theirs = { name: 'theirs', changed };
  const { fields, kept } = await rules.merge({
    ours: { name: 'ours' },
    base: { name: 'base' },
    theirs,
    sourceTime,
    isDecided: false,
    isAnew: false,
    formats: {},
  });
  return 'name' in fields ? 'source' : kept.includes('name') ? 'target' : 'asked';
}

describe('of two edits the newest', () => {
  inZone('America/New_York');

  it('wins, wherever the worker is', async () => {
    assert.equal(await winner('2026-08-01 12:30:00', '2026-08-01T13:00:00Z'), 'target');
    assert.equal(await winner('2026-08-01T14:00:00', '2026-08-01T13:00:00Z'), 'source');
    assert.equal(await winner('2026-08-01T08:30:00-05:00', '2026-08-01T13:00:00Z'), 'source');
  });

  it('wins, however each side writes its times', async () => {
    const halfPast = ['1785587400', '1785587400.5', '1785587400000', '1785587400000000', 'Sat, 01 Aug 2026 12:30:00 GMT', '2026-08-01 12:30:00 UTC'];
    for (const time of halfPast) {
      assert.equal(await winner(time, '2026-08-01T12:00:00Z'), 'source', time);
      assert.equal(await winner(time, 1_785_589_200), 'target', time);
    }
  });

  it('is asked for where a side tells no time, or both the same', async () => {
    for (const time of [undefined, '', 'never', '17', '2026-08-01T13:00:00.000Z']) assert.equal(await winner(time, '2026-08-01T13:00:00Z'), 'asked');
    for (const changed of [null, 'never', 17, {}]) assert.equal(await winner('2026-08-01T13:00:00Z', changed), 'asked');
  });

  it('is asked for where the time of the target cannot be read from a record', async () => {
    const reading = new ConflictRules('newest-wins', compileExpression('$fromMillis($toMillis(changed))'), { name: 'name' });
    const edited = { ours: { name: 'ours' }, base: { name: 'base' }, sourceTime: '2026-08-01T13:00:00Z', isDecided: false, isAnew: false, formats: {} };
    const merged = await reading.merge({ ...edited, theirs: { name: 'theirs', changed: 'never' } });
    assert.deepEqual(merged.conflicts, [{ field: 'name', ours: 'ours', theirs: 'theirs' }]);
    assert.deepEqual((await reading.merge({ ...edited, theirs: { name: 'theirs', changed: '2026-08-01T12:00:00Z' } })).fields, { name: 'ours' });
  });
});
