import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clean, cut, textWidth, wrap } from '../../client/output/text.ts';

test('text from outside can not steer the terminal', () => {
  assert.equal(clean('a\u001b[2Jb\u0007c\r\nd\u202ee'), 'abc de');
});

test('cutting says that something is gone, and never makes a text longer than asked', () => {
  assert.equal(cut('contacts', 8), 'contacts');
  assert.equal(cut('contacts', 5), 'cont…');
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, width) => textWidth(cut(clean(text), width)) <= width));
});

test('wrapping keeps every word, in order', () => {
  fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/)), (words) => wrap(words.join(' '), 20).join(' ') === words.join(' ')));
  assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
});
