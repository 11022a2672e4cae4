import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { readCsvText, writeCsv } from '../../connectors/rest/csv.ts';
import { SyncError } from '../../engine/errors.ts';

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_ ]{0,8}[a-z]$/);
const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('a,b', '"', 'two\nlines', 'with\r\nboth', ' spaced ', '""', '#N/A', '0'));

it('what is written as CSV is read again as it was', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { minLength: 2, maxLength: 5 }),
      fc.array(fc.array(value, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 8 }),
      (names, rows) => {
        const records = rows.map((row) => Object.fromEntries(names.map((column, index) => [column, row[index] ?? ''])));
        assert.deepEqual(readCsvText(writeCsv(records), 'here'), records);
      },
    ),
  );
});

it('fields that some records lack are empty there, and so is a null', () => {
  assert.equal(writeCsv([{ a: 1 }, { b: null, a: true }, { b: { c: [1] } }]), 'a,b\n1,\ntrue,\n,"{""c"":[1]}"\n');
});

it('what is no CSV breaks the contract, without a word of what it holds', () => {
  assert.throws(
    () => readCsvText('a,b\n"secret', 'here'),
    (error) => error instanceof SyncError && error.code === 'CONTRACT_BROKEN' && !error.message.includes('secret'),
  );
});
