import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compareShapes, isDrift, stillOpen, type UsedField } from '../../engine/compare-shapes.ts';
import { acceptFindings, alwaysThere, nextExpected } from '../../engine/expected-shape.ts';
import type { JsonObject } from '../../engine/json.ts';
import { wordsOfFinding } from '../../engine/shape-words.ts';
import { shapeOf } from './shape-of.ts';

const USED: readonly UsedField[] = [
  { use: 'mapping.phone', path: 'phone' },
  { use: 'mapping.town', path: 'address.city' },
];
const many = (count: number, record: (index: number) => JsonObject) =>
  shapeOf(
    Array.from({ length: count }, (_, index) => record(index)),
    USED.map(({ path }) => path),
  );
const person = (index: number): JsonObject => ({ id: index, phone: '1', address: { city: 'Paris' }, note: 'x' });
const without =
  (...gone: readonly string[]) =>
  (index: number): JsonObject =>
    Object.fromEntries(Object.entries(person(index)).filter(([name]) => !gone.includes(name)));
const found = (expected = many(60, person), seen = many(60, person), isWhole = true) => compareShapes({ expected, seen, isWhole, used: USED });
const told = (...args: Parameters<typeof found>) => found(...args).map(({ change, field, uses }) => [change, field, uses.join()]);

describe('what has become of the fields of a source', () => {
  it('is nothing where the same is read again, or a part of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.boolean(), (count, isWhole) => {
        assert.deepEqual(found(many(80, person), many(count, person), isWhole), []);
      }),
    );
  });

  it('a field vanishes where no record has it any more', () => {
    assert.deepEqual(told(undefined, many(60, without('phone'))), [['vanished', 'phone', 'mapping.phone']]);
    assert.deepEqual(told(undefined, many(60, without('note'))), [['vanished', 'note', '']]);
  });

  it('of a field and what is inside of it, the outer one is told, with the uses of the inner', () => {
    assert.deepEqual(told(undefined, many(60, without('address'))), [['vanished', 'address', 'mapping.town']]);
  });

  it('a field that is null in every record is told, one that always was is not', () => {
    const nulled = (index: number) => ({ ...person(index), phone: null });
    assert.deepEqual(told(undefined, many(60, nulled)), [['all-null', 'phone', 'mapping.phone']]);
    assert.deepEqual(told(many(60, nulled), many(60, nulled)), []);
    assert.deepEqual(told(many(60, nulled), many(60, without('phone'))), [['vanished', 'phone', 'mapping.phone']]);
  });

  it('another type is told where at least half of the values have it, and none had it before', () => {
    const typed = (share: number) => many(60, (index) => ({ ...person(index), phone: index < share ? 1 : '1' }));
    assert.deepEqual(told(undefined, typed(30)), [['type', 'phone', 'mapping.phone']]);
    assert.deepEqual(told(undefined, typed(29)), []);
    assert.deepEqual(told(typed(1), typed(60)), [], 'it was met before');
  });

  it('a new field is told, and is no drift', () => {
    const [finding] = found(
      undefined,
      many(60, (index) => ({ ...person(index), extra: true })),
    );
    assert.deepEqual([finding?.change, finding?.field], ['new', 'extra']);
    assert.equal(finding !== undefined && isDrift(finding), false);
  });

  it('fewer than ten records that should have had a field prove nothing', () => {
    assert.deepEqual(told(undefined, many(9, without('phone'))), []);
    assert.equal(told(undefined, many(10, without('phone'))).length, 1);
    const rare = many(100, (index) => (index < 5 ? person(index) : without('phone')(index)));
    assert.deepEqual(told(rare, many(100, without('phone'))), [], 'five of a hundred had it');
    assert.equal(told(rare, many(200, without('phone'))).length, 1, 'ten of two hundred should have');
  });

  it('a part of the source proves nothing of a field that not every record had', () => {
    const nearly = many(100, (index) => (index === 7 ? without('phone')(index) : person(index)));
    assert.deepEqual(told(nearly, many(50, without('phone')), false), []);
    assert.equal(told(nearly, many(50, without('phone')), true).length, 1);
    assert.equal(told(undefined, many(10, without('phone')), false).length, 1);
  });

  it('a field that may only not have been kept has not vanished', () => {
    const wide = (index: number): JsonObject => ({
      ...Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`k${at}`, 1])),
      ...without('note', 'phone')(index),
    });
    const changes = found(many(60, person), many(60, wide)).filter(({ change }) => change === 'vanished');
    assert.deepEqual(
      changes.map(({ field }) => field),
      ['phone'],
      'what is used is kept in any case',
    );
  });

  it('is told in words without a value', () => {
    assert.deepEqual(found(undefined, many(60, without('phone'))).map(wordsOfFinding), [
      'phone has vanished: all of 60 records had it, now none of 60 (used by mapping.phone)',
    ]);
  });
});

describe('what is expected of the next read', () => {
  const seen = many(60, without('phone'));
  const findings = found(undefined, seen);

  it('is what a read of everything has seen, but for what nobody has accepted: that is found again', () => {
    const next = nextExpected({ expected: many(80, person), seen, isWhole: true, open: findings });
    assert.deepEqual(next?.fields['phone'], { present: 60, nulls: 0, types: { string: 60 } });
    assert.deepEqual(told(next, seen), [['vanished', 'phone', 'mapping.phone']]);
    assert.deepEqual(nextExpected({ expected: undefined, seen, isWhole: true, open: [] }), seen);
  });

  it('is not changed by a part of it', () => {
    const expected = many(80, person);
    assert.equal(nextExpected({ expected, seen, isWhole: false, open: [] }), expected);
  });

  it('is as it was found, once that is accepted', () => {
    const changed = many(60, (index) => ({ id: index, phone: 5, address: null, note: 'x' }));
    const accepted = acceptFindings(many(80, person), found(undefined, changed));
    assert.deepEqual(told(accepted, changed), []);
    assert.deepEqual(told(acceptFindings(many(80, person), findings), seen), []);
    assert.equal(told(acceptFindings(many(80, person), findings), many(60, without('phone', 'address'))).length, 1, 'what was accepted, and nothing else');
  });

  it('says which fields every record had', () => {
    assert.ok(alwaysThere(many(60, person)).has('address.city'));
    assert.ok(!alwaysThere(many(60, (index) => (index === 0 ? {} : person(index)))).has('phone'));
    assert.equal(alwaysThere(many(9, person)).size, 0, 'nine records say nothing');
  });

  it('what was found stays open until it is refuted, or used no more', () => {
    const open = (next = many(3, without('phone')), used = USED) => stillOpen(findings, { seen: next, used }).length;
    assert.equal(open(), 1);
    assert.equal(open(many(0, person)), 1);
    assert.equal(open(many(1, person)), 0);
    assert.equal(open(undefined, []), 0);
  });
});
