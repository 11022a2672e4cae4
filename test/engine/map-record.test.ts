import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FieldRule, LookupAnswer, LookupRule } from '../../engine/field-rule.ts';
import { TRANSFORMS, VALUE_TYPES } from '../../engine/field-rule.ts';
import type { JsonObject } from '../../engine/json.ts';
import { compileMapping, refLookupName } from '../../engine/map-record.ts';
import { lacksReferencesOnly, mergeRejections } from '../../engine/mapping-result.ts';

const OWNER: LookupRule = { where: { email: 'owner_email' }, compare: 'normalized', onMissing: 'reject', onAmbiguous: 'reject' };
const OWNERS: Readonly<Record<string, LookupAnswer>> = { 'kim@acme.test': { found: 'one', id: 'o_1' }, 'twin@acme.test': { found: 'many', count: 2 } };
const answer = (_: string, value: string): LookupAnswer => OWNERS[value] ?? { found: 'none' };

async function map(mapping: Record<string, FieldRule | string>, record: JsonObject, lookups: Record<string, LookupRule> = { owner: OWNER }) {
  return await compileMapping(mapping, lookups).map(record, answer);
}
async function fieldsOf(mapping: Record<string, FieldRule | string>, record: JsonObject, lookups?: Record<string, LookupRule>): Promise<JsonObject> {
  const result = await map(mapping, record, lookups);
  assert.ok(result.ok, JSON.stringify(result));
  return result.fields;
}
async function rejectionsOf(mapping: Record<string, FieldRule | string>, record: JsonObject, lookups?: Record<string, LookupRule>) {
  const result = await map(mapping, record, lookups);
  assert.ok(!result.ok, JSON.stringify(result));
  return result.rejections;
}

describe('mapping', () => {
  it('a reference is the target id that another sync has; where it has none, only that is told', async () => {
    const mapping = { company: { ref: { sync: 'companies', from: 'company_id' } }, name: { from: 'name', required: true } };
    const ids = (lookup: string, key: string): LookupAnswer =>
      lookup === refLookupName('companies') && key === '7' ? { found: 'one', id: 't7' } : { found: 'none' };
    const compiled = compileMapping(mapping, {});
    assert.deepEqual(await compiled.map({ company_id: 7, name: 'Kim' }, ids), { ok: true, fields: { company: 't7', name: 'Kim' }, notes: [] });
    assert.deepEqual(await compiled.map({ company_id: null, name: 'Kim' }, ids), { ok: true, fields: { name: 'Kim' }, notes: [] });
    const missing = await compiled.map({ company_id: 8, name: 'Kim' }, ids);
    assert.ok(!missing.ok && lacksReferencesOnly(missing.rejections));
    const both = await compiled.map({ company_id: 8 }, ids);
    assert.ok(!both.ok && !lacksReferencesOnly(both.rejections), 'it would be refused even with the reference');
  });

  it('a day written as one number is no count of seconds: it is refused, with the expression that reads it', async () => {
    const record = { born: 20240131, seen: 1_706_659_200, when: 1_706_659_200_000, early: 20241399, old: 20240230 };
    for (const type of ['date', 'datetime'] as const) {
      const [refused] = await rejectionsOf({ born: { from: 'born', type } }, record);
      assert.match(
        refused?.message ?? '',
        /^(born: )?20240131 is a day written as one number, .+: write expression: \$toMillis\(\$string\(FIELD\), '\[Y0001\]\[M01\]\[D01\]'\)$/,
      );
    }
    const read = { expression: "$toMillis($string(born), '[Y0001][M01][D01]')", type: 'date' } as const;
    assert.deepEqual(await fieldsOf({ born: read, seen: { from: 'seen', type: 'date' }, when: { from: 'when', type: 'date' } }, record), {
      born: '2024-01-31',
      seen: '2024-01-31',
      when: '2024-01-31',
    });
    assert.deepEqual(
      await fieldsOf({ early: { from: 'early', type: 'date' }, old: { from: 'old', type: 'date' }, born: { from: 'born', type: 'integer' } }, record),
      {
        early: '1970-08-23',
        old: '1970-08-23',
        born: 20240131,
      },
    );
  });

  it('a reference that may come later is left out until it is there, and told', async () => {
    const ref = { sync: 'companies', from: 'company_id' };
    const none = (): LookupAnswer => ({ found: 'none' });
    const later = await compileMapping({ company: { ref: { ...ref, onMissing: 'later' } }, name: 'name' }, {}).map({ company_id: 8, name: 'Kim' }, none);
    assert.ok(later.ok);
    assert.deepEqual([later.fields, later.missing], [{ name: 'Kim' }, [{ sync: 'companies', key: '8' }]]);
    const waiting = { a: { ref: { ...ref, onMissing: 'later' } }, b: { ref: { sync: 'people', from: 'owner', onMissing: 'hold' } } } as const;
    const held = await compileMapping(waiting, {}).map({ company_id: 8, owner: 'x' }, none);
    assert.ok(!held.ok && lacksReferencesOnly(held.rejections));
    assert.deepEqual(held.missing, [{ sync: 'people', key: 'x' }], 'it waits only for what it cannot do without');
  });

  it('renames, reads paths, evaluates expressions and sets constants', async () => {
    const mapping: Record<string, FieldRule | string> = {
      firstname: 'first_name',
      city: 'address.city',
      full: { expression: "first_name & ' ' & last_name" },
      source: { value: 'crm' },
    };
    assert.deepStrictEqual(await fieldsOf(mapping, { first_name: 'Kim', last_name: 'Lee', address: { city: 'Bonn' } }), {
      firstname: 'Kim',
      city: 'Bonn',
      full: 'Kim Lee',
      source: 'crm',
    });
  });

  it('takes the steps in order: transform, values, default, type', async () => {
    const stage: FieldRule = { from: 's', transform: ['trim', 'lowercase', 'empty-to-null'], values: { won: '1', lost: 'x' }, default: '2', type: 'integer' };
    assert.deepEqual(await fieldsOf({ stage }, { s: ' WON ' }), { stage: 1 });
    assert.deepEqual(await fieldsOf({ stage }, { s: 'other' }), { stage: 2 });
    assert.deepEqual(await fieldsOf({ stage }, { s: ' ' }), { stage: 2 });
    assert.deepEqual(await fieldsOf({ stage }, {}), { stage: 2 });
    assert.equal((await rejectionsOf({ stage }, { s: 'lost' }))[0].reason, 'invalid-integer');
  });

  it('values translate texts, numbers and booleans; without a default others are kept', async () => {
    const field: FieldRule = { from: 'v', values: { true: 'yes', '1': 'one', gone: null } };
    assert.deepEqual(await fieldsOf({ field }, { v: true }), { field: 'yes' });
    assert.deepEqual(await fieldsOf({ field }, { v: 1 }), { field: 'one' });
    assert.deepEqual(await fieldsOf({ field }, { v: 'gone' }), { field: null });
    assert.deepEqual(await fieldsOf({ field }, { v: 'constructor' }), { field: 'constructor' });
    assert.deepEqual(await fieldsOf({ field }, { v: ['1'] }), { field: ['1'] });
  });

  it('a default may insert fields of the record', async () => {
    assert.deepEqual(await fieldsOf({ name: { from: 'name', default: 'contact {id}' } }, { id: 7 }), { name: 'contact 7' });
    assert.deepEqual(await fieldsOf({ name: { from: 'name', default: null } }, {}), { name: null });
  });

  it('absent is not null: an absent source leaves the field out, a null clears it', async () => {
    assert.deepStrictEqual(await fieldsOf({ a: 'a', b: 'b', c: { from: 'c', onNull: 'skip' } }, { b: null, c: null }), { b: null });
  });

  it('a missing required value rejects the record and says where it should come from', async () => {
    const mapping = { email: { from: 'email_address', required: true } };
    assert.deepEqual(await rejectionsOf(mapping, {}), [
      { reason: 'required-missing', message: 'a value is required, and the record has no email_address', field: 'email', retry: 'never' },
    ]);
    for (const value of [null, '']) assert.match((await rejectionsOf(mapping, { email_address: value }))[0].message, /and email_address is empty$/);
    assert.deepEqual(await fieldsOf({ n: { from: 'n', required: true } }, { n: 0 }), { n: 0 });
  });

  it('an invalid value is rejected, left out or made null, as the rule says', async () => {
    const email: FieldRule = { from: 'e', type: 'email' };
    assert.deepEqual(await rejectionsOf({ email }, { e: 'kim@' }), [
      { reason: 'invalid-email', message: '"kim@" is not an e-mail address', field: 'email', retry: 'never' },
    ]);
    const omitted = await map({ email: { ...email, onInvalid: 'omit' } }, { e: 'kim@' });
    assert.deepEqual(omitted, { ok: true, fields: {}, notes: [{ field: 'email', reason: 'invalid-email', message: '"kim@" is not an e-mail address' }] });
    assert.deepEqual(await fieldsOf({ email: { ...email, onInvalid: 'null' } }, { e: 'kim@' }), { email: null });
    assert.deepEqual(await fieldsOf({ email: { ...email, onInvalid: 'null', onNull: 'skip' } }, { e: 'kim@' }), {});
    const [required] = await rejectionsOf({ email: { ...email, onInvalid: 'omit', required: true } }, { e: 'kim@' });
    assert.deepEqual([required.reason, required.message], ['required-missing', 'a value is required: "kim@" is not an e-mail address']);
  });

  it('collects every rejection of a record', async () => {
    const mapping: Record<string, FieldRule> = {
      a: { from: 'a', type: 'integer' },
      b: { from: 'b', required: true },
      c: { expression: '$number(c)' },
      d: { lookup: 'owner' },
      e: { from: 'a' },
    };
    const rejections = await rejectionsOf(mapping, { a: 'x', c: 'y', owner_email: 'nobody@acme.test' });
    assert.deepEqual(
      rejections.map(({ field, reason, retry }) => [field, reason, retry]),
      [
        ['a', 'invalid-integer', 'never'],
        ['b', 'required-missing', 'never'],
        ['c', 'expression-failed', 'never'],
        ['d', 'lookup-missing', 'later'],
      ],
    );
    const merged = mergeRejections(rejections);
    assert.deepEqual([merged.reason, merged.field, merged.retry], ['invalid-integer', 'a', 'never']);
    assert.match(
      merged.message,
      /^a: "x" is not a whole number; b: a value is required, .*; c: the expression failed: .*; d: no owner with email "nobody@acme.test"$/,
    );
  });

  it('hides the values of sensitive fields', async () => {
    const mapping: Record<string, FieldRule> = {
      a: { from: 's', type: 'email', sensitive: true },
      b: { expression: '$number(s)', sensitive: true },
      c: { lookup: 'owner', sensitive: true },
      d: { from: 's', type: 'email', onInvalid: 'omit', required: true, sensitive: true },
    };
    const rejections = await rejectionsOf(mapping, { s: 'topsecret', owner_email: 'topsecret@acme.test' });
    assert.equal(rejections.length, 4);
    for (const { message } of rejections) assert.ok(!message.includes('topsecret'), message);
    assert.equal(rejections[0].message, '••• is not an e-mail address');
    assert.equal(rejections[2]?.message, 'no owner with email •••');
  });

  it('cuts long values short in messages', async () => {
    const [rejection] = await rejectionsOf({ a: { from: 'a', type: 'email' } }, { a: 'x'.repeat(5_000) });
    assert.ok(rejection.message.length < 130);
  });

  it('a value nested without end rejects its record, wherever it stands', async () => {
    const deep: JsonObject = { d: JSON.parse(`${'['.repeat(6_000)}${']'.repeat(6_000)}`), owner_email: JSON.parse(`${'['.repeat(6_000)}${']'.repeat(6_000)}`) };
    const mapping: Record<string, FieldRule> = {
      a: { from: 'd' },
      b: { from: 'd', type: 'email' },
      c: { from: 'x', default: 'is {d}' },
      d: { expression: "d & ''" },
      e: { lookup: 'owner' },
    };
    const rejections = await rejectionsOf(mapping, deep);
    assert.deepEqual(
      rejections.map(({ field }) => field).filter((field) => field !== 'c' && field !== 'd'),
      ['a', 'b', 'e'],
    );
    assert.match(rejections[0].message, /nested more than 100 levels/);
    assert.equal((await compileMapping(mapping, { owner: OWNER }).lookupValues(deep))[0]?.value, '[…]');
  });

  it('refuses, when compiled, a lookup that is not defined and an expression that is wrong', () => {
    assert.throws(() => compileMapping({ a: { lookup: 'constructor' } }, {}), /lookup that is not defined: constructor/);
    assert.throws(() => compileMapping({ a: 'b +' }, {}), { name: 'ExpressionError' });
  });

  it('a mapping of plain paths answers at once', () => {
    const mapping = compileMapping({ a: 'a', b: { from: 'b[0].c', default: '{a}' }, c: { lookup: 'owner' } }, { owner: OWNER });
    assert.equal(mapping.isSync, true);
    const result = mapping.map({ a: 1, owner_email: 'kim@acme.test' }, answer);
    assert.deepEqual(result, { ok: true, fields: { a: 1, b: 1, c: 'o_1' }, notes: [] });
    assert.equal(compileMapping({ a: '$uppercase(a)' }, {}).isSync, false);
  });

  it('gives expressions the time of the run', async () => {
    const result = await compileMapping({ at: { expression: '$millis()' } }, {}).map({}, answer, { now: 42 });
    assert.deepEqual(result, { ok: true, fields: { at: 42 }, notes: [] });
  });
});

describe('lookups of a mapping', () => {
  const mapping = { hubspot_owner_id: { lookup: 'owner' } };
  const withRule = (rule: Partial<LookupRule>) => ({ owner: { ...OWNER, ...rule } });

  it('names the values to be looked up, normalised, each once', async () => {
    const two = compileMapping(
      { a: { lookup: 'owner' }, b: { lookup: 'owner' }, c: { lookup: 'exact' } },
      { owner: OWNER, exact: { ...OWNER, compare: 'exact' } },
    );
    assert.deepEqual(await two.lookupValues({ owner_email: ' Kim@ACME.test ' }), [
      { lookup: 'owner', value: 'kim@acme.test', raw: ' Kim@ACME.test ' },
      { lookup: 'exact', value: ' Kim@ACME.test ', raw: ' Kim@ACME.test ' },
    ]);
    assert.equal((await compileMapping(mapping, { owner: OWNER }).lookupValues({ owner_email: 'Jose\u0301@acme.test' }))[0]?.value, 'jos\u00e9@acme.test');
  });

  it('no source value is no owner, not a missing one', async () => {
    for (const record of [{}, { owner_email: null }, { owner_email: '' }, { owner_email: '  ' }]) {
      assert.deepEqual(await compileMapping(mapping, { owner: OWNER }).lookupValues(record), []);
      assert.deepEqual(await fieldsOf(mapping, record), {});
    }
  });

  it('found: its id', async () => {
    assert.deepEqual(await fieldsOf(mapping, { owner_email: 'KIM@acme.test' }), { hubspot_owner_id: 'o_1' });
  });

  it('missing: rejected by name, left out, or replaced, never guessed', async () => {
    const record = { owner_email: 'nobody@acme.test' };
    assert.equal((await rejectionsOf(mapping, record))[0].message, 'no owner with email "nobody@acme.test"');
    const omitted = await map(mapping, record, withRule({ onMissing: 'omit' }));
    assert.deepEqual(omitted, {
      ok: true,
      fields: {},
      notes: [{ field: 'hubspot_owner_id', reason: 'lookup-missing', message: 'no owner with email "nobody@acme.test"' }],
    });
    assert.deepEqual(await fieldsOf(mapping, record, withRule({ onMissing: { use: 'o_9' } })), { hubspot_owner_id: 'o_9' });
    assert.deepEqual(await fieldsOf(mapping, record, withRule({ onMissing: { use: '' } })), {});
    assert.deepEqual(await fieldsOf({ id: { lookup: 'owner', default: 'o_0' } }, record, withRule({ onMissing: 'omit' })), { id: 'o_0' });
    const [required] = await rejectionsOf({ id: { lookup: 'owner', required: true } }, record, withRule({ onMissing: 'omit' }));
    assert.deepEqual([required.reason, required.retry], ['required-missing', 'later']);
  });

  it('ambiguous: rejected or left out, never guessed', async () => {
    const record = { owner_email: 'twin@acme.test' };
    assert.deepEqual(await rejectionsOf(mapping, record), [
      { reason: 'lookup-ambiguous', message: 'more than one owner with email "twin@acme.test" (2 found)', field: 'hubspot_owner_id', retry: 'later' },
    ]);
    assert.deepEqual(await fieldsOf(mapping, record, withRule({ onAmbiguous: 'omit' })), {});
  });

  it('a lookup value that cannot be computed rejects the record and asks for nothing', async () => {
    const lookups = withRule({ where: { email: '$number(owner_email)' } });
    assert.deepEqual(await compileMapping(mapping, lookups).lookupValues({ owner_email: 'x' }), []);
    assert.equal((await rejectionsOf(mapping, { owner_email: 'x' }, lookups))[0].reason, 'expression-failed');
  });
});

describe('any mapping of any record', () => {
  const path = fc.constantFrom('a', 'a.b', 'a[0]', 'c', '$', '$number(a)', 'a & c', 'a + 1', '$uppercase(c)');
  const rule: fc.Arbitrary<FieldRule> = fc.record(
    {
      from: path,
      transform: fc.array(fc.constantFrom(...TRANSFORMS), { maxLength: 3 }),
      values: fc.constant({ x: 'y', '1': null }),
      default: fc.constantFrom('z', null, '{c}', 7),
      type: fc.constantFrom(...VALUE_TYPES),
      options: fc.constant(['y', 'z']),
      country: fc.constantFrom('DE', 'xx'),
      required: fc.boolean(),
      onInvalid: fc.constantFrom('reject', 'omit', 'null'),
      onNull: fc.constantFrom('clear', 'skip'),
      sensitive: fc.boolean(),
    },
    { requiredKeys: ['from'] },
  );
  const lookup: fc.Arbitrary<FieldRule> = fc.constant({ lookup: 'owner' });
  const reference: fc.Arbitrary<FieldRule> = fc
    .constantFrom('hold' as const, 'later' as const)
    .map((onMissing) => ({ ref: { sync: 'companies', from: 'a', onMissing } }));
  const constant: fc.Arbitrary<FieldRule> = fc.constantFrom('x', 7, true).map((set) => ({ value: set }));
  const expression: fc.Arbitrary<FieldRule> = fc.record({ expression: path, type: fc.constantFrom(...VALUE_TYPES) });
  const rules = fc.dictionary(fc.constantFrom('p', 'q', 'r'), fc.oneof({ weight: 4, arbitrary: rule }, { weight: 1, arbitrary: lookup }), {
    minKeys: 1,
    noNullPrototype: true,
  });
  const value = fc.oneof(
    { weight: 1, arbitrary: fc.json().map((text): unknown => JSON.parse(text)) },
    { weight: 3, arbitrary: fc.constantFrom('x', '', ' ', ' X ', ' Kim@ACME.test ', null, 1, 'kim@acme.test', '2024-05-01') },
  );
  const record = fc.dictionary(fc.constantFrom('a', 'c', 'owner_email', '__proto__'), value, { noNullPrototype: true });

  it('never throws, and gives plain JSON fields or at least one rejection', async () => {
    await fc.assert(
      fc.asyncProperty(rules, record, async (mapping, input) => {
        const source: JsonObject = JSON.parse(JSON.stringify(input));
        const compiled = compileMapping(mapping, { owner: { ...OWNER, onMissing: { use: '{c}' } } });
        for (const request of await compiled.lookupValues(source)) assert.notEqual(request.value, '');
        const result = await compiled.map(source, answer);
        if (result.ok) {
          assert.deepStrictEqual(JSON.parse(JSON.stringify(result.fields)), result.fields);
          for (const [name, field] of Object.entries(result.fields)) {
            assert.notEqual(field, undefined);
            if (mapping[name]?.required === true) assert.ok(field !== null && field !== '');
            if (field === null) assert.notEqual(mapping[name]?.onNull, 'skip');
          }
        } else {
          assert.ok(result.rejections.length > 0);
          for (const rejection of result.rejections)
            assert.match(rejection.reason, /^(required-missing|invalid-[a-z]+|lookup-missing|lookup-ambiguous|expression-failed)$/);
        }
        assert.deepStrictEqual(await compiled.map(source, answer), result);
      }),
      { numRuns: 1_000 },
    );
  });

  it('traced, it gives the same, and each value is that of its last step', async () => {
    const withRefs = fc.dictionary(fc.constantFrom('p', 'q', 'r', 's'), fc.oneof(rule, lookup, reference, constant, expression), { noNullPrototype: true });
    const onMissing = fc.constantFrom<LookupRule['onMissing']>('reject', 'omit', { use: '{c}' });
    const onAmbiguous = fc.constantFrom<LookupRule['onAmbiguous']>('reject', 'omit');
    await fc.assert(
      fc.asyncProperty(withRefs, record, fc.record({ onMissing, onAmbiguous }), async (mapping, input, lookupRule) => {
        const source: JsonObject = JSON.parse(JSON.stringify(input));
        const compiled = compileMapping(mapping, { owner: { ...OWNER, ...lookupRule } });
        const { result, fields } = await compiled.trace(source, answer);
        assert.deepStrictEqual(result, await compiled.map(source, answer));
        assert.deepEqual(
          fields.map(({ field }) => field),
          Object.keys(mapping),
        );
        const sure = fields.filter(({ trouble }) => trouble === undefined);
        for (const { field, value, steps } of sure) assert.deepStrictEqual(steps.at(-1)?.value, value, field);
        if (result.ok)
          assert.deepStrictEqual(result.fields, Object.fromEntries(sure.flatMap(({ field, value }) => (value === undefined ? [] : [[field, value]]))));
        else assert.equal(result.rejections.length, fields.length - sure.length);
      }),
      { numRuns: 1_000 },
    );
  });
});
