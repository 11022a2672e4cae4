import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { writeCsv } from '../../connectors/rest/csv.ts';
import { parseFormat } from '../../http/parse-format.ts';

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_ ]{0,8}[a-z]$/);
const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('a,b', '"', 'two\nlines', 'with\r\nboth', ' spaced ', '""', '#N/A', '0'));

it('what is written as CSV is read again as it was', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { minLength: 2, maxLength: 5 }),
      fc.array(fc.array(value, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 8 }),
      (names, rows) => {
        const records = rows.map((row) => Object.fromEntries(names.map((column, index) => [column, row[index] ?? ''])));
        assert.deepEqual(parseFormat(writeCsv(records), 'csv'), { is: 'json', value: records });
      },
    ),
  );
});

it('fields that some records lack are empty there, and so is a null', () => {
  assert.equal(writeCsv([{ a: 1 }, { b: null, a: true }, { b: { c: [1] } }]), 'a,b\n1,\ntrue,\n,"{""c"":[1]}"\n');
});
