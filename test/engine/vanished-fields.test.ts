import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FieldRule, LookupRule } from '../../engine/field-rule.ts';
import type { JsonObject } from '../../engine/json.ts';
import { keepTold } from '../../engine/keep-told.ts';
import { compileMapping } from '../../engine/map-record.ts';

const OWNER: LookupRule = { where: { email: 'owner' }, compare: 'exact', onMissing: { use: '{fallback_owner}' }, onAmbiguous: 'reject' };
const MAPPING: Readonly<Record<string, FieldRule | string>> = {
  email: 'email',
  phone: 'phone',
  full: { expression: "first & ' ' & last" },
  active: { expression: "status = 'on'" },
  stage: { from: 'stage', default: 'new' },
  note: { from: 'email', default: '{phone}' },
  city: { expression: '$uppercase(address.city)' },
  owner: { lookup: 'owner' },
};
const WHOLE: JsonObject = {
  email: 'a@x.test',
  phone: '1',
  first: 'Ada',
  last: 'L',
  status: 'on',
  stage: 'won',
  address: { city: 'Paris' },
  owner: 'o',
  fallback_owner: 'f',
};
const EXPECTED = new Set(['email', 'phone', 'first', 'last', 'status', 'stage', 'address', 'address.city', 'owner', 'fallback_owner']);

async function map(record: JsonObject, mapping = MAPPING, expected: ReadonlySet<string> = EXPECTED) {
  return await compileMapping(mapping, { owner: OWNER }, expected).map(record, () => ({ found: 'none' }));
}
const without = (...gone: readonly string[]): JsonObject => Object.fromEntries(Object.entries(WHOLE).filter(([name]) => !gone.includes(name)));

describe('a mapping, where what every record had has vanished', () => {
  it('makes of a whole record what it makes without knowing that', async () => {
    assert.deepEqual(await map(WHOLE), await map(WHOLE, MAPPING, new Set()));
  });

  const cases: readonly (readonly [gone: string, fields: readonly string[]])[] = [
    ['phone', ['phone', 'note']],
    ['last', ['full']],
    ['status', ['active']],
    ['stage', ['stage']],
    ['address', ['city']],
    ['fallback_owner', ['owner']],
  ];
  for (const [gone, fields] of cases)
    it(`makes nothing of ${gone}: no half an expression, no default`, async () => {
      const [whole, mapped] = [await map(WHOLE), await map(without(gone))];
      assert.ok(whole.ok && mapped.ok);
      assert.deepEqual(mapped.vanished, fields);
      const rest = Object.entries(whole.fields).filter(([field]) => !fields.includes(field));
      assert.deepEqual(mapped.fields, Object.fromEntries(rest));
    });

  it('takes null, and nothing around, for what they say', async () => {
    const mapped = await map({ ...WHOLE, stage: null, address: null, last: null });
    assert.ok(mapped.ok);
    assert.equal(mapped.fields['stage'], 'new');
    assert.equal(mapped.vanished, undefined);
  });

  it('refuses a record that lacks what is required, also where a default would stand in', async () => {
    const mapped = await map(without('stage'), { stage: { from: 'stage', default: 'new', required: true } });
    assert.ok(!mapped.ok);
    assert.equal(mapped.rejections[0].reason, 'required-missing');
  });

  it('goes by the definition where a field was not in every record, or was accepted as gone', async () => {
    const mapped = await map(without('stage', 'last'), MAPPING, new Set(['email']));
    assert.ok(mapped.ok);
    assert.deepEqual([mapped.fields['stage'], mapped.fields['full']], ['new', 'Ada ']);
  });

  it('tells so, step by step', async () => {
    const { fields } = await compileMapping(MAPPING, { owner: OWNER }, EXPECTED).trace(without('last'), () => ({ found: 'none' }));
    const full = fields.find(({ field }) => field === 'full');
    assert.match(String(full?.steps[0]?.remark), /vanished: every record had it/);
    assert.equal(full?.value, undefined);
  });
});

describe('what the target was told', () => {
  const mapped = { fields: { email: 'a' }, vanished: ['phone', 'full'] };

  it('stays, of a field that is made of what has vanished', () => {
    assert.deepEqual(keepTold(mapped, { contentHash: 'h', fields: { email: 'old', phone: '1', other: 'x' } }), { email: 'a', phone: '1' });
  });

  it('is nothing where it was told nothing, it is not kept, or it was no word of the source', () => {
    assert.equal(keepTold(mapped, undefined), mapped.fields);
    assert.equal(keepTold(mapped, { contentHash: 'h' }), mapped.fields);
    assert.equal(keepTold(mapped, { contentHash: 'archived', fields: { phone: '1' } }), mapped.fields);
    assert.equal(keepTold({ fields: mapped.fields }, { contentHash: 'h', fields: { phone: '1' } }), mapped.fields);
  });
});
