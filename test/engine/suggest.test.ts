import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { didYouMean, suggest } from '../../engine/suggest.ts';

describe('suggest', () => {
  const fields = ['id', 'email', 'first_name', 'last_name', 'updated_at', 'phone'];

  it('knows typing mistakes, swapped letters, and other ways to write a name', () => {
    assert.equal(suggest('emial', fields), 'email');
    assert.equal(suggest('form', ['from', 'type']), 'from');
    assert.equal(suggest('firstName', fields), 'first_name');
    assert.equal(suggest('last-name', fields), 'last_name');
    assert.equal(suggest('updatedat', fields), 'updated_at');
    assert.equal(suggest('fone', fields), undefined);
    assert.equal(suggest('phon', fields), 'phone');
    assert.equal(suggest('ID', fields), 'id');
  });

  it('chooses the nearest, and is silent where none is near', () => {
    assert.equal(suggest('nam', ['ram', 'name', 'NAM']), 'NAM');
    assert.equal(suggest('company', fields), undefined);
    assert.equal(suggest('x', fields), undefined);
    assert.equal(suggest('email', ['email']), undefined);
  });

  it('makes the end of a message', () => {
    assert.equal(didYouMean('emial', fields), ' (did you mean "email"?)');
    assert.equal(didYouMean('zzz', fields), '');
  });
});
