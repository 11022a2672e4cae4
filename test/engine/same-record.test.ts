import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SoughtRecord, sameRecord, soughtMatches } from '../../engine/same-record.ts';

const byId: SoughtRecord = { kind: 'update', match: 'new', toldMatch: 'old', targetId: 'c1' };
const hits = (shown: Readonly<Record<string, readonly string[]>>) => new Map(Object.entries(shown).map(([match, ids]) => [match, ids.map((id) => ({ id }))]));
const found = (sought: SoughtRecord, shown: Readonly<Record<string, readonly string[]>>) => {
  const { theirs, isTaken } = sameRecord(sought, hits(shown));
  return [theirs?.id, isTaken];
};

describe('the record that a change would write over', () => {
  it('is looked for under the match value that was told, too, where it goes by id', () => {
    assert.deepEqual(soughtMatches(byId), ['new', 'old']);
    assert.deepEqual(soughtMatches({ ...byId, toldMatch: 'new' }), ['new']);
    assert.deepEqual(soughtMatches({ ...byId, toldMatch: undefined }), ['new']);
    assert.deepEqual(soughtMatches({ ...byId, kind: 'upsert' }), ['new'], 'an upsert writes what has the new value');
  });

  it('is the one with its id, under either value, and no other', () => {
    assert.deepEqual(found(byId, { old: ['c1'] }), ['c1', false]);
    assert.deepEqual(found(byId, { new: ['z9', 'c1'] }), ['c1', false]);
    assert.deepEqual(found(byId, { old: ['z9'] }), [undefined, false]);
    assert.deepEqual(found({ ...byId, toldMatch: 'new' }, { new: ['z9'] }), [undefined, false]);
  });

  it('is none of its own where its new match value is that of another', () => {
    assert.deepEqual(found(byId, { new: ['z9'], old: ['c1'] }), ['c1', true]);
    assert.deepEqual(found(byId, { new: ['z9'] }), [undefined, true]);
    assert.deepEqual(found({ ...byId, kind: 'upsert' }, { new: ['z9'] }), ['z9', true]);
  });

  it('is what has its match value, where it goes by that', () => {
    assert.deepEqual(found({ ...byId, kind: 'upsert', toldMatch: 'new' }, { new: ['c2'] }), ['c2', false], 'made anew by others');
    assert.deepEqual(found({ ...byId, targetId: undefined }, { new: ['c2'] }), ['c2', false]);
    assert.deepEqual(found({ ...byId, kind: 'upsert' }, { new: [], old: ['c1'] }), [undefined, false]);
  });
});
