import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FieldRule, LookupAnswer, LookupRule } from '../../engine/field-rule.ts';
import type { JsonObject } from '../../engine/json.ts';
import { compileMapping, refLookupName } from '../../engine/map-record.ts';
import type { MappingStep } from '../../engine/mapping-step.ts';

const OWNER: LookupRule = { where: { email: 'owner_email' }, compare: 'normalized', onMissing: 'reject', onAmbiguous: 'reject' };
const KNOWN: Readonly<Record<string, LookupAnswer>> = { 'kim@acme.test': { found: 'one', id: 'o_1' }, 'twin@acme.test': { found: 'many', count: 2 } };
const answer = (lookup: string, value: string): LookupAnswer =>
  lookup === refLookupName('companies') ? (value === '7' ? { found: 'one', id: 't7' } : { found: 'none' }) : (KNOWN[value] ?? { found: 'none' });

async function trace(rule: FieldRule | string, record: JsonObject, lookup: Partial<LookupRule> = {}) {
  const { fields } = await compileMapping({ field: rule }, { owner: { ...OWNER, ...lookup } }).trace(record, answer);
  const [field] = fields;
  assert.ok(field !== undefined);
  return field;
}

/** The steps as `step rule: value (remark)`. */
async function told(rule: FieldRule | string, record: JsonObject, lookup: Partial<LookupRule> = {}): Promise<readonly string[]> {
  const { steps } = await trace(rule, record, lookup);
  return steps.map(({ step, rule: said, value, remark }: MappingStep) => {
    const words = [`${step}${said === undefined ? '' : ` ${said}`}: ${value === undefined ? 'nothing' : JSON.stringify(value)}`];
    return [...words, ...(remark === undefined ? [] : [`(${remark})`])].join(' ');
  });
}

describe('the trace of a field', () => {
  it('tells each transform, translation, default and type with the value after it', async () => {
    const rule: FieldRule = { from: 's', transform: ['trim', 'lowercase'], values: { won: '1' }, default: '{n}', type: 'integer' };
    assert.deepEqual(await told(rule, { s: ' WON ', n: 2 }), [
      'from s: " WON "',
      'transform trim: "WON"',
      'transform lowercase: "won"',
      'values: "1"',
      'type integer: 1',
    ]);
    assert.deepEqual((await told(rule, { s: 'open', n: 2 })).slice(3), ['values: nothing (not listed)', 'default: 2', 'type integer: 2']);
    assert.deepEqual(await told(rule, { n: 2 }), ['from s: nothing', 'default: 2', 'type integer: 2']);
    assert.deepEqual(await told({ from: 's', values: { won: '1' } }, { s: 'open' }), ['from s: "open"', 'values: "open" (not listed: kept as it is)']);
  });

  it('tells the text of an expression, a constant, and why an expression failed', async () => {
    assert.deepEqual(await told({ expression: 'a & "-" & b' }, { a: 1, b: 2 }), ['expression a & "-" & b: "1-2"']);
    assert.deepEqual(await told({ value: 'crm' }, {}), ['value: "crm"']);
    const [failed] = await told({ expression: '$number(a)' }, { a: 'x' });
    assert.match(failed ?? '', /^expression \$number\(a\): nothing \(the expression failed: /);
  });

  it('tells what is wrong with a value, and what the rule makes of it', async () => {
    const wrong = 'type email: nothing ("kim@" is not an e-mail address)';
    assert.deepEqual(await told({ from: 'e', type: 'email' }, { e: 'kim@' }), ['from e: "kim@"', wrong, 'onInvalid reject: nothing']);
    assert.deepEqual(await told({ from: 'e', type: 'email', onInvalid: 'null', onNull: 'skip' }, { e: 'kim@' }), [
      'from e: "kim@"',
      wrong,
      'onInvalid null: null',
      'onNull skip: nothing',
    ]);
    const required = await told({ from: 'e', type: 'email', onInvalid: 'omit', required: true }, { e: 'kim@' });
    assert.equal(required.at(-1), 'required: nothing (a value is required: "kim@" is not an e-mail address)');
    assert.deepEqual(await told({ from: 'e', required: true }, { e: '' }), ['from e: ""', 'required: "" (a value is required, and e is empty)']);
  });

  it('tells what a lookup was asked and answered, and the rule for what is missing or not clear', async () => {
    const rule: FieldRule = { lookup: 'owner' };
    assert.deepEqual(await told(rule, { owner_email: ' Kim@ACME.test' }), [
      'from owner_email: " Kim@ACME.test"',
      'lookup owner: "o_1" (by email "kim@acme.test")',
    ]);
    assert.deepEqual(await told(rule, {}), ['from owner_email: nothing', 'lookup owner: nothing (nothing to ask for)']);
    const missing = 'lookup owner: nothing (no owner with email "x@acme.test")';
    const unknown = { owner_email: 'x@acme.test' };
    assert.deepEqual((await told(rule, unknown)).slice(1), [missing, 'onMissing reject: nothing']);
    assert.deepEqual((await told(rule, unknown, { onMissing: { use: 'o_0' } })).slice(1), [missing, 'onMissing use: "o_0"']);
    assert.deepEqual((await told({ ...rule, default: 'o_9' }, unknown, { onMissing: 'omit' })).slice(1), [
      missing,
      'onMissing omit: nothing',
      'default: "o_9"',
    ]);
    assert.deepEqual((await told(rule, { owner_email: 'twin@acme.test' }, { onAmbiguous: 'omit' })).slice(1), [
      'lookup owner: nothing (more than one owner with email "twin@acme.test" (2 found))',
      'onAmbiguous omit: nothing',
    ]);
  });

  it('tells which sync a reference is to, and whether it is held or comes later', async () => {
    const ref = { sync: 'companies', from: 'company_id' };
    assert.deepEqual(await told({ ref }, { company_id: 7 }), ['from company_id: 7', 'ref companies: "t7" (by key "7")']);
    const missing = ['from company_id: 8', 'ref companies: nothing (companies has not written the record with key 8 yet)'];
    assert.deepEqual(await told({ ref }, { company_id: 8 }), [...missing, 'onMissing hold: nothing']);
    assert.deepEqual(await told({ ref: { ...ref, onMissing: 'later' } }, { company_id: 8 }), [...missing, 'onMissing later: nothing']);
  });

  it('keeps the values of a sensitive field out of its remarks', async () => {
    for (const rule of [{ from: 's', type: 'email' }, { lookup: 'owner' }, { expression: '$number(s)' }] as const) {
      const { steps, isSensitive } = await trace({ ...rule, sensitive: true }, { s: 'topsecret', owner_email: 'topsecret@x.test' });
      assert.ok(isSensitive);
      for (const { remark = '' } of steps) assert.doesNotMatch(remark, /topsecret/);
    }
    const [, found] = (await trace({ lookup: 'owner', sensitive: true }, { owner_email: 'kim@acme.test' })).steps;
    assert.equal(found?.remark, 'by email •••');
  });
});
