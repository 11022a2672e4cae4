import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { type AddedMapping, addMappings } from '../../definition/add-mappings.ts';

const ADDED: readonly AddedMapping[] = [
  ['firstname', { from: 'first_name' }],
  ['email', { from: 'mail', transform: ['trim', 'lowercase'], type: 'email' }],
];
const LINES = ['firstname: first_name', 'email: { from: mail, transform: [ trim, lowercase ], type: email }'];

it('fields come behind those that are there; comments, order, quotes and spaces of the file stay as they are', () => {
  const text = `# contacts, as sales wants them
source:   { connection: crm, object: contacts }   # read daily
target: { connection: hub, object: contacts, matchOn: key }

mapping:
  # the key of both
  key:    'id'        # never change it
  phone:
    from: "tel"
    type: phone       # with its country
  # what is left out on purpose: fax

schedule: { every: 1h } # the end
`;
  const expected = text.replace('# with its country\n', `# with its country\n  ${LINES[0]}\n  ${LINES[1]}\n`);
  assert.equal(addMappings(text, ADDED), expected);
});

it('into a mapping on one line, an empty one, and where there is none', () => {
  assert.equal(addMappings('a: 1\nmapping: { key: id } # short\n', ADDED), `a: 1\nmapping: { key: id, ${LINES.join(', ')} } # short\n`);
  for (const empty of ['mapping: {}', 'mapping:', 'mapping: ~']) {
    const text = addMappings(`${empty}\nb: 2\n`, ADDED);
    assert.deepEqual(parse(text).mapping.firstname, 'first_name', empty);
    assert.equal(parse(text).b, 2);
  }
  assert.equal(addMappings('a: 1', ADDED), `a: 1\nmapping:\n  ${LINES.join('\n  ')}\n`);
});

it('into a file that ends without a line break, one of Windows, and one with a text over several lines at its end', () => {
  assert.equal(addMappings('mapping:\n    key: id', ADDED), `mapping:\n    key: id\n    ${LINES.join('\n    ')}\n`);
  assert.equal(addMappings('mapping:\r\n  key: id\r\nb: 2\r\n', ADDED), `mapping:\r\n  key: id\r\n  ${LINES.join('\r\n  ')}\r\nb: 2\r\n`);
  const text = 'mapping:\n  key:\n    expression: |\n      first_name\n      & last_name\nb: 2\n';
  assert.equal(addMappings(text, ADDED), text.replace('b: 2', `  ${LINES.join('\n  ')}\nb: 2`));
});

it('what cannot be put in without changing anything else is refused, with the lines to add by hand', () => {
  assert.throws(() => addMappings('x: &x { key: id }\nmapping: *x\n', ADDED), /Add by hand:\n {2}firstname: first_name\n/);
  assert.throws(() => addMappings('mapping: { firstname: other }\n', ADDED), /Add by hand/);
  assert.throws(() => addMappings('mapping: { key: id }\n', [['<<', { from: 'a' }]]), /Add by hand/);
});

it('whatever fields are called, the file then says just that beside what it said', () => {
  const name = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 }).filter((text) => text !== '__proto__' && text !== '<<');
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 4 }), name, (fields, from) => {
      const added = fields.filter((field) => field !== 'key').map((field): AddedMapping => [field, { from }]);
      if (added.length === 0) return;
      assert.deepEqual(parse(addMappings('mapping:\n  key: id # kept\nb: 2\n', added)), {
        mapping: { key: 'id', ...Object.fromEntries(added.map(([field]) => [field, from])) },
        b: 2,
      });
    }),
    { numRuns: 200 },
  );
});
