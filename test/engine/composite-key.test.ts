import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compositeKey, keyParts } from '../../engine/composite-key.ts';

describe('a key of several values', () => {
  it('gives its values back as text, whatever they hold; half a surrogate pair as U+FFFD, as a store keeps it', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '/', '\\', ' ', '😀', '\ud83d') }).filter((value) => value.trim() !== '');
    fc.assert(
      fc.property(fc.array(fc.oneof(text, fc.integer(), fc.boolean()), { minLength: 1, maxLength: 4 }), (values) => {
        const wanted = values.map((value) => String(value).toWellFormed());
        assert.deepEqual(keyParts(compositeKey(values) ?? '', values.length), wanted);
      }),
    );
  });

  it('is none where one of them has no value', () => {
    for (const nothing of [undefined, null, '', ' ', {}]) assert.equal(compositeKey(['a', nothing]), undefined);
  });
});
