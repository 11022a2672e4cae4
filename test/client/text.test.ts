import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clean, cut, quoted, textWidth, wrap } from '../../client/output/text.ts';

test('text from outside can not steer the terminal', () => {
  assert.equal(clean('a\u001b[2Jb\u0007c\r\nd\u202ee'), 'abc de');
});

test('a value in a command to be copied is one word for a shell, in quotes only where it needs them', () => {
  for (const plain of ['4711,4712', '../my-project', 'ada+1@example.com', '2026-01-31T12:00:00+02:00']) assert.equal(quoted(plain), plain);
  assert.equal(quoted('my plan.json'), "'my plan.json'");
  assert.equal(quoted('a  \u001b[2Jb\u0007'), "'a  b'");
  assert.equal(quoted("it's; rm"), "'it'\\''s; rm'");
  assert.equal(quoted(''), "''");
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
