import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { areRelated, isAbsent, quoteStep, splitPath } from '../../engine/field-path.ts';
import type { JsonObject } from '../../engine/json.ts';
import { mergeShapes } from '../../engine/shape.ts';
import { ShapeMeter } from '../../engine/shape-meter.ts';
import { shapeOf } from './shape-of.ts';

const names = fc.constantFrom('a', 'b', 'zip code', 'x.y', '', '__proto__', 'constructor', 'ö');
const { value: records } = fc.letrec<{ value: JsonObject; any: JsonObject[string] }>((tie) => ({
  value: fc.array(fc.tuple(names, tie('any')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  any: fc.oneof({ depthSize: 'small' }, fc.string(), fc.integer(), fc.boolean(), fc.constant(null), tie('value'), fc.array(tie('any'), { maxLength: 2 })),
}));

describe('the shape of records', () => {
  it('tells of each field in how many records it was, of what kinds, and how often null', () => {
    const shape = shapeOf([
      { id: 1, name: 'Ada', phone: null, address: { city: 'Paris' } },
      { id: '2', name: 'Bob', address: null },
      { id: 3, tags: ['x'], emails: [{ value: 'a' }, { other: 1 }] },
    ]);
    assert.equal(shape.records, 3);
    assert.deepEqual(shape.fields['id'], { present: 3, nulls: 0, types: { string: 1, number: 2 } });
    assert.deepEqual(shape.fields['phone'], { present: 1, nulls: 1, types: {} });
    assert.deepEqual(shape.fields['address'], { present: 2, nulls: 1, types: { object: 1 } });
    assert.deepEqual(shape.fields['address.city'], { present: 1, nulls: 0, types: { string: 1 } });
    assert.deepEqual(shape.fields['emails.value'], { present: 1, nulls: 0, types: { string: 1 } });
    assert.equal(shape.fields['emails.other'], undefined, 'of a list, the first element tells');
    assert.equal(shape.isCut, false);
  });

  it('holds no value of a record', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), (secret) => {
        const text = JSON.stringify(shapeOf([{ name: secret, list: [secret], in: { deep: secret } }]));
        return !text.includes(JSON.stringify(secret).slice(1, -1));
      }),
    );
  });

  it('is the same counted at once, in parts that are merged, or gone on with after it was kept as JSON', () => {
    fc.assert(
      fc.property(fc.array(records, { maxLength: 12 }), fc.nat(12), (all, at) => {
        const whole = shapeOf(all);
        const [first, second] = [all.slice(0, at), all.slice(at)];
        assert.deepEqual(mergeShapes([shapeOf(first), shapeOf(second)]), whole);
        const meter = new ShapeMeter(JSON.parse(JSON.stringify(shapeOf(first))));
        for (const record of second) meter.observe(record);
        assert.deepEqual(meter.shape(), whole);
      }),
    );
  });

  it('never counts more than there were records', () => {
    fc.assert(
      fc.property(fc.array(records, { maxLength: 12 }), (all) => {
        const shape = shapeOf(all);
        for (const { present, nulls, types } of Object.values(shape.fields)) {
          const typed = Object.values(types).reduce((sum, count) => sum + count, 0);
          assert.ok(present <= all.length && present > 0);
          assert.equal(nulls + typed, present);
        }
      }),
    );
  });

  it('keeps a bounded number of fields, and those that are watched in any case', () => {
    const wide = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`key${index}`, index]));
    const shape = shapeOf([{ ...wide, wanted: { inside: 1 } }], ['wanted.inside']);
    assert.ok(Object.keys(shape.fields).length <= 402);
    assert.equal(shape.isCut, true);
    assert.equal(shape.fields['wanted.inside']?.present, 1);
  });

  it('goes down so far and no further', () => {
    const shape = shapeOf([{ a: { b: { c: { d: { e: 1 } } } } }]);
    assert.deepEqual(Object.keys(shape.fields), ['a', 'a.b', 'a.b.c', 'a.b.c.d']);
    assert.equal(shape.isCut, true);
  });
});

describe('a path to a field', () => {
  it('is split into the names that it was made of', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ minLength: 1 }).filter((name) => !name.includes('`')),
          { minLength: 1 },
        ),
        (path) => {
          assert.deepEqual(splitPath(path.map(quoteStep).join('.')), path);
        },
      ),
    );
  });

  it('is related to what is inside of it and around it, not to what begins alike', () => {
    assert.deepEqual([areRelated('a.b', 'a'), areRelated('a', 'a.b'), areRelated('a', 'a'), areRelated('ab', 'a')], [true, true, true, false]);
  });

  it('is absent where the record says nothing of it: null, or nothing around it, is something said', () => {
    const record = { a: { b: null }, n: null, empty: [], list: [{ x: 1 }], text: 'x' };
    const absent = (path: string) => isAbsent(record, splitPath(path));
    assert.deepEqual(['z', 'a.z', 'z.y', 'list.y'].map(absent), [true, true, true, true]);
    assert.deepEqual(['a.b', 'n.z', 'empty.x', 'list.x', 'text.y', 'a'].map(absent), [false, false, false, false, false, false]);
  });
});
