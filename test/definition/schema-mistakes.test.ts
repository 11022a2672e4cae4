import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changed, linesOf, loadFiles } from './make-project.ts';

const SYNC = 'syncs/contacts.yaml';
const CRM = 'connections/crm.yaml';

describe('mistakes in the form of a definition', () => {
  const cases: readonly { readonly name: string; readonly file: string; readonly from: string; readonly to: string; readonly lines: readonly string[] }[] = [
    {
      name: 'a key that is missing stands at its parent',
      file: SYNC,
      from: ', object: people',
      to: '',
      lines: [`${SYNC}:2:1 target.object: is required (text)`],
    },
    {
      name: 'a value of the wrong kind stands at the value',
      file: SYNC,
      from: 'name: first_name',
      to: 'name: 12',
      lines: [`${SYNC}:9:9 mapping.name: expected text or a mapping, not the number 12`],
    },
    {
      name: 'of a field that is a mapping, what is wrong with the mapping is told',
      file: SYNC,
      from: 'name: first_name',
      to: 'name: { from: first_name, required: maybe, transform: [trm] }',
      lines: [
        `${SYNC}:9:39 mapping.name.required: expected true or false, not text`,
        `${SYNC}:9:58 mapping.name.transform.0: "trm" is not one of trim, lowercase, uppercase, title-case, collapse-spaces, digits-only, strip-html, empty-to-null, did you mean "trim"?`,
      ],
    },
    {
      name: 'a field has one source',
      file: SYNC,
      from: 'name: first_name',
      to: "name: { from: first_name, expression: 'first_name' }",
      lines: [`${SYNC}:9:9 mapping.name: name exactly one of from, expression, lookup, ref or value`],
    },
    {
      name: 'an enum says its options',
      file: SYNC,
      from: 'name: first_name',
      to: 'name: { from: first_name, type: enum }',
      lines: [`${SYNC}:9:9 mapping.name: type enum needs \`options\``],
    },
    {
      name: 'durations',
      file: SYNC,
      from: '{ connection: crm, object: contacts }',
      to: '{ connection: crm, object: contacts, fullRead: { every: 7 days } }',
      lines: [`${SYNC}:1:65 source.fullRead.every: expected a duration such as 30s, 5m, 1h or 7d`],
    },
    {
      name: 'a duration without its unit',
      file: SYNC,
      from: '{ connection: crm, object: contacts }',
      to: '{ connection: crm, object: contacts, fullRead: { every: 7 } }',
      lines: [`${SYNC}:1:65 source.fullRead.every: expected a duration such as 30s, 5m, 1h or 7d, not the number 7`],
    },
    {
      name: 'a duration that is missing',
      file: SYNC,
      from: '{ connection: crm, object: contacts }',
      to: '{ connection: crm, object: contacts, fullRead: {} }',
      lines: [`${SYNC}:1:46 source.fullRead.every: is required (a duration such as 30s, 5m, 1h or 7d)`],
    },
    {
      name: 'an auth type that is mistyped',
      file: CRM,
      from: 'type: bearer',
      to: 'type: barer',
      lines: [
        `${CRM}:5:19 profiles.dev.auth.type: "barer" is not one of none, bearer, api-key, basic, in-turn, oauth2-client-credentials, oauth2-refresh-token, oauth2-authorization-code, jwt, session-token, signature, did you mean "bearer"?`,
      ],
    },
    {
      name: 'of an auth type, its own keys are suggested',
      file: CRM,
      from: 'type: bearer, token:',
      to: 'type: bearer, tokn:',
      lines: [`${CRM}:5:27 profiles.dev.auth: unknown key "tokn", did you mean "token"?`],
    },
    {
      name: 'a dialect of CSV where none is read',
      file: CRM,
      from: 'get: /contacts',
      to: 'get: /contacts\n      csv: { delimiter: ";" }',
      lines: [`${CRM}:11:7 objects.contacts.list.csv: is of answers that are read \`as: csv\`, not json`],
    },
    {
      name: 'an encoding that is none',
      file: CRM,
      from: 'get: /contacts',
      to: 'get: /contacts\n      encoding: latin9x',
      lines: [`${CRM}:11:17 objects.contacts.list.encoding: is no encoding that is known, such as latin1, windows-1252 or utf-16le`],
    },
    {
      name: 'an endpoint has one method',
      file: CRM,
      from: 'get: /contacts',
      to: 'get: /contacts\n      post: /contacts',
      lines: [`${CRM}:10:7 objects.contacts.list: name exactly one of get, post, put, patch or delete, with its path; or a graphql document`],
    },
    {
      name: 'numbers out of bounds',
      file: CRM,
      from: 'profiles:',
      to: 'limits: { concurrency: 0 }\nprofiles:',
      lines: [`${CRM}:2:24 limits.concurrency: must be at least 1`],
    },
    {
      name: 'numbers that would be others: codes, long ids, and keys that are not written as numbers are',
      file: SYNC,
      from: 'name: first_name',
      to: 'name: { from: first_name, values: { 01: 12345678901234567890, 1.50: 007, 2: 2.50, "03": "09" } }',
      lines: [
        `${SYNC}:9:39 01 would be read as the number 1: put it in quotes`,
        `${SYNC}:9:43 12345678901234567890 would be read as the number 12345678901234567000: put it in quotes`,
        `${SYNC}:9:65 1.50 would be read as the number 1.5: put it in quotes`,
        `${SYNC}:9:71 007 would be read as the number 7: put it in quotes`,
      ],
    },
    {
      name: 'names that are empty',
      file: SYNC,
      from: 'object: people, matchOn: email }',
      to: 'object: "", matchOn: "" }',
      lines: [`${SYNC}:2:37 target.object: must not be empty`, `${SYNC}:2:50 target.matchOn: must not be empty`],
    },
    {
      name: 'a key twice',
      file: SYNC,
      from: '  name: first_name',
      to: '  name: first_name\n  name: first_name',
      lines: [`${SYNC}:10:3 this key is there twice`],
    },
    {
      name: 'a second document',
      file: 'syncline.yaml',
      from: 'name: acme\n',
      to: 'name: acme\n---\nname: b\n',
      lines: ['syncline.yaml:2:1 one definition a file: a second document begins here'],
    },
    {
      name: 'tabs',
      file: 'syncline.yaml',
      from: 'name: acme',
      to: 'name: acme\ndefaults:\n\tguard: {}',
      lines: ['syncline.yaml:3:1 tabs do not indent in YAML: use spaces'],
    },
    { name: 'tags', file: 'syncline.yaml', from: 'acme', to: '!name acme', lines: ['syncline.yaml:1:7 tags (!name) mean nothing here'] },
    { name: 'older YAML', file: 'syncline.yaml', from: 'name: acme', to: '%YAML 1.1\n---\nname: acme', lines: ['syncline.yaml:1:1 only YAML 1.2 is read'] },
    { name: 'a file that is no mapping', file: 'syncline.yaml', from: 'name: acme', to: '- acme', lines: ['syncline.yaml:1:1 expected a mapping, not a list'] },
    { name: 'an empty file', file: 'syncline.yaml', from: 'name: acme', to: '# nothing', lines: ['syncline.yaml:1:1 name: is required (text)'] },
    {
      name: 'a name that would not fit into ids',
      file: 'syncline.yaml',
      from: 'acme',
      to: 'Acme & Co',
      lines: ['syncline.yaml:1:7 name: must be of lower-case letters, digits and hyphens'],
    },
  ];
  for (const { name, file, from, to, lines } of cases) {
    it(name, (test) => assert.deepEqual(linesOf(loadFiles(test, changed({ [file]: [[from, to]] }))), lines));
  }

  it('a mistake behind an alias or a merge stands where it is written', (test) => {
    const sync = `x: &x { form: a, type: email }
source: { connection: crm, object: contacts }
target: { connection: shop, object: people, matchOn: email }
mapping:
  name: &field { from: first_name, required: maybe }
  email: { <<: *field, type: email }
`;
    assert.deepEqual(linesOf(loadFiles(test, changed({ [SYNC]: sync }))), [
      `${SYNC}:1:1 unknown key "x"`,
      `${SYNC}:5:46 mapping.name.required: expected true or false, not text`,
      `${SYNC}:5:46 mapping.email.required: expected true or false, not text`,
    ]);
  });

  it('an alias bomb, a circle and a pit are refused', (test) => {
    const bomb = [
      'a: &a [x, x]',
      ...Array.from({ length: 12 }, (_, index) => `b${index}: &b${index} [${index === 0 ? '*a, *a' : `*b${index - 1}, *b${index - 1}`}]`),
    ];
    for (const text of [
      bomb.join('\n'),
      'a: &a [*a, *a]',
      `a: ${'['.repeat(200)}`,
      `a: ${'['.repeat(70)}${']'.repeat(70)}`,
      '['.repeat(100_000),
      'x'.repeat(3_000_000),
    ]) {
      const lines = linesOf(loadFiles(test, { 'syncline.yaml': text }));
      assert.match(lines[0] ?? '', /anchors and aliases|nested|cannot be read as YAML|too large/, text.slice(0, 40));
    }
    assert.deepEqual(linesOf(loadFiles(test, { 'syncline.yaml': 'name: acme\n__proto__: { x: 1 }\n' })), [
      'syncline.yaml:1:1 the key "__proto__" is not allowed',
    ]);
  });
});

describe('what the language has and this version does not', () => {
  const cases: readonly (readonly [file: string, from: string, to: string, line: string])[] = [
    [CRM, 'knownFields:', 'slices: 4\n    knownFields:', `${CRM}:8:5 objects.contacts: "slices" is not available in this version`],
  ];
  for (const [file, from, to, line] of cases) {
    it(line.slice(line.indexOf('"')), (test) => assert.deepEqual(linesOf(loadFiles(test, changed({ [file]: [[from, to]] }))), [line]));
  }

  it('a key that is of another place is a mistake, not a later feature', (test) => {
    assert.deepEqual(linesOf(loadFiles(test, changed({ [CRM]: [['profiles:', 'schedul: x\nprofiles:']] }))), [`${CRM}:2:1 unknown key "schedul"`]);
  });
});
