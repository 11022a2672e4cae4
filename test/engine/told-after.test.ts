import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toldAfter } from '../../engine/told-after.ts';

const mapped = ['email', 'name', 'stage'];

describe('what a target has been told once a change is sent', () => {
  it('is what the change says, where nothing else was told', () => {
    assert.equal(toldAfter({ sent: { email: 'a' }, kept: [], base: undefined, mapped }), undefined);
    assert.equal(toldAfter({ sent: { email: 'a', name: 'b' }, kept: [], base: { name: 'old' }, mapped }), undefined);
  });

  it('is beside that what was told before, of fields that are kept or left out', () => {
    const base = { email: 'old', name: 'told', stage: 'lead' };
    assert.deepEqual(toldAfter({ sent: { email: 'a' }, kept: ['stage'], base, mapped }), {
      fields: { email: 'a', name: 'told', stage: 'lead' },
      kept: ['stage'],
    });
  });

  it('is nothing of a field that was kept and never told, nor of one that the sync writes no more', () => {
    assert.deepEqual(toldAfter({ sent: { email: 'a' }, kept: ['name'], base: undefined, mapped }), { fields: { email: 'a' }, kept: ['name'] });
    assert.equal(toldAfter({ sent: { email: 'a' }, kept: [], base: { phone: '1' }, mapped }), undefined);
  });
});
