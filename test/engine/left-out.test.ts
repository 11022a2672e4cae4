import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileExpression } from '../../engine/expression.ts';
import { isWanted, leftOut } from '../../engine/left-out.ts';

const RULES = { tombstone: compileExpression('$number(gone) > 0'), filter: compileExpression('score > 1'), sensitiveFields: [] };

describe('a record is left out', () => {
  it('by its tombstone, by the filter, or not at all', async () => {
    assert.deepEqual(await leftOut(RULES, { gone: '1' }, {}), { reason: 'tombstone' });
    assert.deepEqual(await leftOut(RULES, { gone: '0', score: 1 }, {}), { reason: 'filter' });
    assert.equal(await leftOut(RULES, { gone: '0', score: 2 }, {}), undefined);
  });

  it('by nobody where a rule fails on it: it is rejected, and stays in the target', async () => {
    const filtered = await leftOut(RULES, { gone: '0', score: 'n/a' }, {});
    assert.ok(filtered !== undefined && 'rejection' in filtered);
    assert.equal(filtered.failed, 'filter');
    assert.match(filtered.rejection.message, /^source\.filter: the expression failed: .*"n\/a"/);
    const buried = await leftOut(RULES, { gone: 'n/a', score: 2 }, {});
    assert.ok(buried !== undefined && 'rejection' in buried);
    assert.match(buried.rejection.message, /^source\.deletes\.tombstone: /);
    assert.equal(await isWanted(RULES, { gone: '0', score: 'n/a' }, {}), true);
    assert.equal(await isWanted(RULES, { gone: '1' }, {}), false);
  });

  it('without a value in the message where there are sensitive fields', async () => {
    const filtered = await leftOut({ ...RULES, sensitiveFields: ['phone'] }, { gone: '0', score: 'n/a' }, {});
    assert.ok(filtered !== undefined && 'rejection' in filtered);
    assert.doesNotMatch(filtered.rejection.message, /n\/a/);
  });
});
