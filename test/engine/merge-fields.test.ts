import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CONFLICT_POLICIES, type MergeInput, mergeFields } from '../../engine/merge-fields.ts';

const merge = (more: Partial<MergeInput>) =>
  mergeFields({ ours: {}, base: undefined, theirs: undefined, policy: 'source-wins', isSourceNewer: undefined, writes: {}, ...more });
const fate = (more: Partial<MergeInput>) => {
  const { fields, kept, conflicts } = merge(more);
  return 'x' in fields ? 'sent' : kept.includes('x') ? 'kept' : conflicts.length > 0 ? 'asked' : 'lost';
};
const both = { ours: { x: 'ours' }, base: { x: 'base' }, theirs: { x: 'theirs' } };

describe('a field that both sides changed', () => {
  it('goes by the policy', () => {
    assert.equal(fate(both), 'sent');
    assert.equal(fate({ ...both, policy: 'target-wins' }), 'kept');
    assert.equal(fate({ ...both, policy: 'review' }), 'asked');
    assert.equal(fate({ ...both, policy: 'newest-wins', isSourceNewer: true }), 'sent');
    assert.equal(fate({ ...both, policy: 'newest-wins', isSourceNewer: false }), 'kept');
    assert.equal(fate({ ...both, policy: 'newest-wins' }), 'asked');
  });

  it('in the same way is no conflict, nor is one that the target always writes in another way', () => {
    const formats = { x: ['case'] } as const;
    assert.equal(fate({ ...both, ours: { x: 'theirs' }, policy: 'review' }), 'sent');
    assert.equal(fate({ ...both, theirs: { x: 'BASE' }, policy: 'review', formats }), 'sent');
    assert.equal(fate({ ...both, ours: { x: 'THEIRS' }, policy: 'review', formats }), 'sent');
  });

  it('goes by the policy where only the case, the spaces or the order are other than told, and the target is not known for it', () => {
    for (const [told, found] of [
      ['john mcdonald', 'John McDonald'],
      ['a;b', 'b;a'],
      ['Ada ', 'Ada'],
      ['02134-5', '2134-5'],
    ] as const) {
      const edited = { base: { x: told }, theirs: { x: found } };
      assert.equal(fate({ ...edited, ours: { x: told }, policy: 'target-wins' }), 'kept', told);
      assert.equal(fate({ ...edited, ours: { x: 'ours' }, policy: 'review' }), 'asked', told);
      assert.equal(fate({ ...edited, ours: { x: told }, policy: 'review', formats: { y: ['case', 'order', 'trim', 'digits'] } }), 'kept', told);
    }
  });
});

describe('a field that one side changed', () => {
  it('is written where the source did, and stays where only the others did', () => {
    assert.equal(fate({ ...both, theirs: { x: 'base' }, policy: 'review' }), 'sent');
    assert.equal(fate({ ...both, ours: { x: 'base' }, policy: 'target-wins' }), 'kept');
    assert.equal(fate({ ...both, ours: { x: 'base' }, policy: 'review' }), 'kept');
    assert.equal(fate({ ...both, ours: { x: 'base' } }), 'sent');
  });

  it('is written where the others emptied it, or the target does not show it', () => {
    assert.equal(fate({ ...both, theirs: { x: '' }, policy: 'target-wins' }), 'sent');
    assert.equal(fate({ ...both, theirs: { y: 1 }, policy: 'target-wins' }), 'sent');
    assert.equal(fate({ ...both, theirs: undefined, policy: 'review' }), 'sent');
  });

  it('on first contact is theirs where the policy says so', () => {
    assert.equal(fate({ ...both, base: undefined, policy: 'target-wins' }), 'kept');
    assert.equal(fate({ ...both, base: undefined, policy: 'review' }), 'asked');
    assert.equal(fate({ ...both, base: undefined }), 'sent');
  });
});

describe('a field with a rule of its own', () => {
  it('if-empty is written where the target has nothing', () => {
    assert.equal(fate({ ...both, writes: { x: 'if-empty' } }), 'kept');
    assert.equal(fate({ ...both, theirs: { x: null }, writes: { x: 'if-empty' } }), 'sent');
  });

  it('once is written until it was told', () => {
    assert.equal(fate({ ...both, writes: { x: 'once' } }), 'kept');
    assert.equal(fate({ ...both, base: {}, theirs: undefined, writes: { x: 'once' } }), 'sent');
    assert.equal(fate({ ...both, theirs: undefined, writes: { x: 'once' } }), 'kept', 'a target that was not asked may have it');
  });

  it('once is written again with a record that is made anew, or comes back', () => {
    assert.equal(fate({ ...both, theirs: undefined, writes: { x: 'once' }, isAnew: true }), 'sent');
    assert.equal(fate({ ours: { x: 'lead' }, base: { x: 'gone' }, theirs: { x: 'gone' }, writes: { x: 'once' }, isAnew: true }), 'sent');
  });
});

describe('any merge', () => {
  const value = fc.option(fc.constantFrom('a', 'b', 'c', ''), { nil: null });
  const fields = fc.record({ x: value, y: value }, { requiredKeys: [] });
  const input = fc.record({
    ours: fields,
    base: fc.option(fields, { nil: undefined }),
    theirs: fc.option(fields, { nil: undefined }),
    policy: fc.constantFrom(...CONFLICT_POLICIES),
    isSourceNewer: fc.option(fc.boolean(), { nil: undefined }),
    writes: fc.constant({}),
  });

  it('gives each field one fate, and the source all where it wins', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { fields: sent, kept, conflicts } = mergeFields(given);
        const named = [...Object.keys(sent), ...kept, ...conflicts.map(({ field }) => field)].toSorted();
        assert.deepEqual(named, Object.keys(given.ours).toSorted());
        if (given.policy === 'source-wins') assert.deepEqual(sent, { ...given.ours });
        if (given.policy === 'target-wins') assert.deepEqual(conflicts, []);
      }),
    );
  });
});
