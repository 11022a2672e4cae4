import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NamedHider } from '../../engine/hide-named.ts';

describe('what a sample hides', () => {
  it('is the value of a named field at any depth, in any case, whatever it is', () => {
    const hider = new NamedHider(['email', 'salary']);
    assert.deepEqual(hider.hideFields({ items: [{ properties: { Email: 'ada@x.test', name: 'Ada', salary: 120_000, EMAIL: null } }], email: ['a@x.test'] }), {
      items: [{ properties: { Email: '•••', name: 'Ada', salary: '•••', EMAIL: null } }],
      email: '•••',
    });
  });

  it('is that value where an object names the field beside it', () => {
    const hider = new NamedHider(['email']);
    assert.deepEqual(
      hider.hideFields({
        filters: [
          { propertyName: 'email', operator: 'IN', values: ['a@x.test'] },
          { propertyName: 'name', value: 'Ada' },
        ],
      }),
      {
        filters: [
          { propertyName: 'email', operator: '•••', values: '•••' },
          { propertyName: 'name', value: 'Ada' },
        ],
      },
    );
  });

  it('is that value wherever else it stands: in words, in JSON, in a URL, in any case', () => {
    const hider = new NamedHider(['email']);
    hider.hideFields({ email: 'Ada+1@x.test' });
    hider.add('o"k.');
    assert.equal(hider.hideValues('/c/ada%2B1%40x.test?q=ADA+1@X.TEST "o\\"k." okay.'), '/c/•••?q=••• "•••" okay.');
    assert.equal(new NamedHider(['email']).hideValues('ada@x.test'), 'ada@x.test');
  });

  it('is the longest of values that lie in one another, and what lies within a list or an object', () => {
    const hider = new NamedHider(['lastname', 'email', 'tags', 'address']);
    hider.hideFields({ lastname: 'Lee', email: 'ada.lee@x.test', tags: ['secret-tag'], address: { street: 'Elm Road 5' }, city: 'Rome' });
    assert.equal(hider.hideValues('ada.lee@x.test of LEE: secret-tag in Rome, q=Elm+Road+5&r=elm%20road%205'), '••• of •••: ••• in Rome, q=•••&r=•••');
  });

  it('is no value so short that it is a part of any word', () => {
    const hider = new NamedHider(['code']);
    assert.deepEqual(hider.hideFields({ code: 'a', note: 'as a rule' }), { code: '•••', note: 'as a rule' });
    assert.equal(hider.hideValues('as a rule'), 'as a rule');
  });
});
