import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addToTally, driftOf, learnFormats, withoutFormats } from '../../engine/reconcile.ts';
import { likenessOf } from '../../engine/same-value.ts';

describe('the likeness of what was written and what is found', () => {
  const cases: readonly (readonly [unknown: string, written: Parameters<typeof likenessOf>[0], found: Parameters<typeof likenessOf>[1], likeness: string])[] = [
    ['numbers as text', 42, '42', 'same'],
    ['a number with its noughts', '10.50', '10.5', 'same'],
    ['a text of a number that the target keeps as one', '0042', 42, 'same'],
    ['a number that the target writes in its way', 1000, '1E3', 'same'],
    ['a code with noughts before it', '02134', '2134', 'different'],
    ['a code with a letter in it', '1E3', '1000', 'different'],
    ['a number that lost its plus', '+4915112345678', '4915112345678', 'digits'],
    ['nothing in three ways', null, '', 'same'],
    ['nothing that is absent', '', undefined, 'same'],
    ['a time in another zone', '2026-01-02T12:00:00+02:00', '2026-01-02T10:00:00.000Z', 'same'],
    ['a time in milliseconds', '2026-01-02T10:00:00Z', '1767348000000', 'same'],
    ['a day at midnight', '2026-01-02', '2026-01-02T00:00:00Z', 'same'],
    ['truth as text', true, 'true', 'same'],
    ['truth in a column of numbers', true, 1, 'same'],
    ['untruth in a column of text', false, '0', 'same'],
    ['a number in a column of truth', 1, true, 'same'],
    ['truth that others changed', true, 0, 'different'],
    ['a number that is no truth', 2, true, 'different'],
    ['an object in a column of text', { b: 1, a: ['x', 2] }, '{"b": 1, "a": ["x", 2]}', 'same'],
    ['an object that others changed', { b: 1, a: 2 }, '{"b":1,"a":3}', 'different'],
    ['an object in the place of which others wrote a text', { b: 1 }, 'b', 'different'],
    ['spaces', 'Acme ', 'Acme', 'trim'],
    ['case', 'Acme', 'ACME', 'case'],
    ['choices in another order', 'red;blue', 'blue; red', 'order'],
    ['a phone number', '+14155550199', '(415) 555-0199', 'digits'],
    ['another number', '+14155550199', '(415) 555-0198', 'different'],
    ['another word', 'Acme', 'Umbrella', 'different'],
    ['ids that are not numbers', '00417', '417x', 'different'],
    ['an emptied field', 'Acme', null, 'different'],
  ];
  for (const [name, written, found, likeness] of cases) it(name, () => assert.equal(likenessOf(written, found), likeness));
});

describe('what a target does to a field by itself', () => {
  const drift = (field: string, written: string, found: string) => driftOf({ [field]: written }, { [field]: found });
  const tally = (all: readonly ReturnType<typeof drift>[]) => all.reduce<Parameters<typeof addToTally>[0]>((sum, drifts) => addToTally(sum, drifts), {});

  it('is learned where nearly all that differs differs in this way', () => {
    const upper = ['a', 'b', 'c', 'd'].map((name) => drift('name', name, name.toUpperCase()));
    const learned = learnFormats(tally(upper), {});
    assert.deepEqual(learned, { name: ['case'] });
    assert.deepEqual(withoutFormats(drift('name', 'x', 'X'), learned), []);
    assert.equal(withoutFormats(drift('name', 'x', 'Y'), learned).length, 1);
  });

  it('is not learned of a few, nor where others change the field', () => {
    assert.deepEqual(learnFormats(tally([drift('name', 'a', 'A'), drift('name', 'b', 'B')]), {}), {});
    const mixed = [...['a', 'b', 'c'].map((name) => drift('name', name, name.toUpperCase())), drift('name', 'x', 'y'), drift('name', 'x', 'z')];
    assert.deepEqual(learnFormats(tally(mixed), {}), {});
  });

  it('is told of fields by whatever name', () => {
    for (const field of ['constructor', '__proto__']) {
      const upper = ['a', 'b', 'c'].map((name) => driftOf(Object.fromEntries([[field, name]]), Object.fromEntries([[field, name.toUpperCase()]])));
      const learned = learnFormats(tally(upper), {});
      assert.deepEqual(Object.entries(learned), [[field, ['case']]]);
      assert.equal(withoutFormats(upper[0] ?? [], {}).length, 1);
      assert.deepEqual(withoutFormats(upper[0] ?? [], learned), []);
    }
  });

  it('is remembered, and a field that the target does not show is left alone', () => {
    assert.deepEqual(learnFormats({}, { phone: ['digits'] }), { phone: ['digits'] });
    assert.deepEqual(driftOf({ hidden: 'x' }, { other: 'y' }), []);
  });
});
