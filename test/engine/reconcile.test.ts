import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addToTally, driftOf, learnFormats, withoutFormats } from '../../engine/reconcile.ts';
import { likenessOf } from '../../engine/same-value.ts';

describe('the likeness of what was written and what is found', () => {
  const cases: readonly (readonly [unknown: string, written: Parameters<typeof likenessOf>[0], found: Parameters<typeof likenessOf>[1], likeness: string])[] = [
    ['numbers as text', 42, '42', 'same'],
    ['a number with its noughts', '10.50', '10.5', 'same'],
    ['nothing in three ways', null, '', 'same'],
    ['nothing that is absent', '', undefined, 'same'],
    ['a time in another zone', '2026-01-02T12:00:00+02:00', '2026-01-02T10:00:00.000Z', 'same'],
    ['a time in milliseconds', '2026-01-02T10:00:00Z', '1767348000000', 'same'],
    ['a day at midnight', '2026-01-02', '2026-01-02T00:00:00Z', 'same'],
    ['truth as text', true, 'true', 'same'],
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

  it('is remembered, and a field that the target does not show is left alone', () => {
    assert.deepEqual(learnFormats({}, { phone: ['digits'] }), { phone: ['digits'] });
    assert.deepEqual(driftOf({ hidden: 'x' }, { other: 'y' }), []);
  });
});
