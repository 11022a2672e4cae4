import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { assign } from '../../engine/automap/assign.ts';
import { automap } from '../../engine/automap/automap.ts';
import { wordsOf } from '../../engine/automap/words.ts';
import type { FieldFacts } from '../../engine/field-facts.ts';
import { type PairScore, precisionOf, recallOf, scorePairs, sumOf } from '../automap/score.ts';

const named = (...names: string[]): FieldFacts[] => names.map((name) => ({ name }));
const pairs = (source: readonly FieldFacts[], target: readonly FieldFacts[]) =>
  Object.fromEntries(automap(source, target).map(({ target: to, rule }) => [to, rule.from]));

it('on pairs with a truth that was made by hand, precision is at least 0.95 and recall at least 0.8; together also on pairs that are held out', (context) => {
  const known = scorePairs('pairs');
  const held = scorePairs('held-out');
  for (const score of [...known, ...held]) context.diagnostic(`${score.name}: ${figures(score)}`);
  context.diagnostic(`together: ${figures(sumOf(known))}; held out: ${figures(sumOf(held))}`);
  const people = known.filter(({ name }) => /hubspot|salesforce|made-up/.test(name));
  assert.equal(people.length, 4);
  for (const score of people) {
    assert.ok(precisionOf(score) >= 0.95, `${score.name}: ${score.wrong.join(', ')}`);
    assert.ok(recallOf(score) >= 0.8, `${score.name}: ${score.missed.join(', ')}`);
  }
  for (const sum of [sumOf(known), sumOf(held)]) {
    assert.ok(precisionOf(sum) >= 0.95, figures(sum));
    assert.ok(recallOf(sum) >= 0.8, figures(sum));
  }
});

it('a name is read as its words, however they are written', () => {
  const written = {
    MailingPostalCode: 'mailing postal code',
    hs_email_optout: 'email opt out',
    Region_Name__c: 'region name',
    'address.`zip code`': 'address zip code',
    numberofemployees: 'number of employees',
    'no-of-employees': 'number of employees',
    emailaddress1: 'email address 1',
    HasOptedOutOfFax: 'opted out of fax',
    VATId: 'vat id',
    xyzzyplugh: 'xyzzyplugh',
  };
  assert.deepEqual(Object.fromEntries(Object.keys(written).map((name) => [name, wordsOf(name).join(' ')])), written);
});

it('what is called otherwise and means the same is found, also by labels', () => {
  assert.deepEqual(
    pairs(named('givenName', 'surname', 'mail', 'postcode', 'organisation'), named('first_name', 'LastName', 'email_address', 'zip', 'company')),
    {
      first_name: 'givenName',
      LastName: 'surname',
      email_address: 'mail',
      zip: 'postcode',
      company: 'organisation',
    },
  );
  assert.deepEqual(pairs([{ name: 'fld_17', label: 'Date of birth' }], [{ name: 'x9', label: 'Birthdate' }]), { x9: 'fld_17' });
});

it('the end of a name says what it is: other words are not taken for it', () => {
  assert.deepEqual(pairs(named('email_bounced_reason', 'phone_extension', 'company_founded', 'city_id'), named('email', 'phone', 'company', 'city')), {});
});

it('of several that mean the same the usual one is taken, and where none is, nobody is sure', () => {
  assert.deepEqual(pairs(named('shipping_city', 'billing_city', 'other_city'), named('city')), { city: 'billing_city' });
  const [doubtful] = automap(named('billing_city', 'mailing_city'), named('city'));
  assert.match(doubtful?.reason ?? '', /both mean the city; mailing_city would do as well/);
  assert.ok((doubtful?.confidence ?? 1) < 0.85);
});

it('no source field is proposed twice, nor what is mapped, read-only, a reference, or of a type that never fits', () => {
  assert.deepEqual(Object.values(pairs(named('phone'), named('phone', 'telephone', 'phone_number'))), ['phone']);
  const source: FieldFacts[] = [
    { name: 'created', type: 'datetime' },
    { name: 'owner', type: 'reference' },
    { name: 'amount', type: 'date' },
    { name: 'city' },
  ];
  const target: FieldFacts[] = [{ name: 'created', isReadOnly: true }, { name: 'owner', type: 'string' }, { name: 'amount', type: 'number' }, { name: 'city' }];
  assert.deepEqual(automap(source, target, { mapped: { targets: ['city'], sources: [] } }), []);
  assert.deepEqual(automap(source, target, { mapped: { targets: [], sources: ['city'] } }), []);
});

it('values tell more than names: those of an enumeration, and addresses that are none', () => {
  const tiers = { name: 'tier', type: 'enum', values: ['BRONZE', 'SILVER', 'GOLD'] } as const;
  const [found] = automap(
    [
      { name: 'loyalty', examples: ['gold', 'silver', 'bronze'] },
      { name: 'rank_of_shop', examples: ['a', 'gold'] },
    ],
    [tiers],
  );
  assert.deepEqual(found?.rule, { from: 'loyalty', values: { gold: 'GOLD', silver: 'SILVER', bronze: 'BRONZE' } });
  assert.match(found?.reason ?? '', /its values are among those of the target/);
  assert.deepEqual(automap([{ name: 'mail', examples: ['by post', 'by air'] }], [{ name: 'email', type: 'email' }]), []);
});

it('lists of values that have nothing in common, and objects, are proposed, and not added unasked', () => {
  const [type] = automap([{ name: 'rating', type: 'enum', values: ['A', 'B'] }], [{ name: 'rating', type: 'enum', values: ['hot', 'cold'] }]);
  assert.match(type?.reason ?? '', /none of its values is among those of the target/);
  const [tags] = automap([{ name: 'tags', type: 'json' }], [{ name: 'tags', type: 'json' }]);
  assert.match(tags?.reason ?? '', /its objects or lists may have another form/);
  for (const proposal of [type, tags]) assert.ok(proposal !== undefined && proposal.confidence < 0.8, `${proposal?.confidence}`);
});

it('of a field inside of another its own name counts, where nothing else is known of it', () => {
  const nested = (name: string): FieldFacts => ({ name, isNested: true });
  assert.deepEqual(pairs([nested('dimensions.width'), nested('consent.state')], named('width', 'state')), { width: 'dimensions.width' });
});

it('types and steps are proposed along, where values would not fit as they are', () => {
  const rule = (source: FieldFacts, target: FieldFacts) => automap([source], [target])[0]?.rule;
  assert.deepEqual(rule({ name: 'mail' }, { name: 'email', type: 'email' }), { from: 'mail', transform: ['trim', 'lowercase'], type: 'email' });
  assert.deepEqual(rule({ name: 'revenue', type: 'string' }, { name: 'revenue', type: 'number' }), { from: 'revenue', type: 'number' });
  assert.deepEqual(rule({ name: 'dob', type: 'datetime' }, { name: 'birthday', type: 'date' }), { from: 'dob', type: 'date' });
  assert.deepEqual(rule({ name: 'tel', examples: ['0731 1234'] }, { name: 'phone', type: 'phone' }), { from: 'tel' });
  assert.deepEqual(rule({ name: 'tel', examples: ['+49731123456'] }, { name: 'phone', type: 'phone' }), { from: 'tel', type: 'phone' });
});

it('the assignment is the best there is: no other pairs have a greater sum', () => {
  const matrix = fc
    .integer({ min: 1, max: 5 })
    .chain((columns) => fc.array(fc.array(fc.nat(9), { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 5 }));
  fc.assert(
    fc.property(matrix, (weights) => {
      const chosen = assign(weights);
      const used = chosen.filter((column) => column !== undefined);
      assert.equal(new Set(used).size, used.length);
      assert.equal(
        chosen.reduce<number>((sum, column, row) => sum + (column === undefined ? 0 : (weights[row]?.[column] ?? 0)), 0),
        bestSum(weights, 0, new Set()),
      );
    }),
    { numRuns: 300 },
  );
});

function bestSum(weights: readonly (readonly number[])[], row: number, taken: ReadonlySet<number>): number {
  const own = weights[row];
  if (own === undefined) return 0;
  const with_ = own.flatMap((weight, column) => (taken.has(column) ? [] : [weight + bestSum(weights, row + 1, new Set([...taken, column]))]));
  return Math.max(bestSum(weights, row + 1, taken), ...with_);
}

function figures(score: Pick<PairScore, 'right' | 'proposed' | 'wanted'>): string {
  return `precision ${precisionOf(score).toFixed(3)}, recall ${recallOf(score).toFixed(3)}`;
}
