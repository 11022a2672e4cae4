import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseJson } from '../../engine/parse-json.ts';

const digits = (min: number, max: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max })
    .map((list) => list.join(''))
    .filter((text) => !text.startsWith('0'));

describe('JSON that is not trusted', () => {
  it('keeps each integer that a double does not hold as text, wherever it stands', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '1', ' '), maxLength: 40 }), digits(16, 40), fc.boolean(), (before, number, isNegative) => {
        const written = `${isNegative ? '-' : ''}${number}`;
        const kept = Number.isSafeInteger(Number(written)) ? Number(written) : written;
        assert.deepEqual(parseJson(`{"before":"${before}","id":${written},"after":1}`), { is: 'json', value: { before, id: kept, after: 1 } });
      }),
    );
  });

  it('does so with the shortest of them at any distance from the beginning', () => {
    for (let distance = 0; distance < 40; distance++) {
      const text = `${' '.repeat(distance)}{"id":9007199254740993,"n":1}`;
      assert.deepEqual(parseJson(text), { is: 'json', value: { id: '9007199254740993', n: 1 } }, `${distance}`);
    }
  });

  it('leaves shorter ones numbers', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 40 }), digits(1, 15), (before, number) => {
        assert.deepEqual(parseJson(JSON.stringify({ before, id: Number(number) })), { is: 'json', value: { before, id: Number(number) } });
      }),
    );
  });

  it('leaves out what would change a prototype, however it is written', () => {
    for (const name of ['__proto__', '\\u005f_proto__', '_\\u005Fproto__']) {
      assert.deepEqual(parseJson(`{"id":1,"${name}":{"isAdmin":true}}`), { is: 'json', value: { id: 1 } }, name);
    }
  });
});
