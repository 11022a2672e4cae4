import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parse } from 'yaml';
import { checkToldFields } from '../../definition/check-told-fields.ts';
import { printMistake } from '../../definition/mistake.ts';
import { syncSchema } from '../../definition/schema/sync.ts';
import type { ToldFields } from '../../definition/told-fields.ts';
import { YamlFile } from '../../definition/yaml-file.ts';

const SOURCE: ToldFields = {
  of: 'crm people',
  origin: 'metadata',
  seen: ['id'],
  isOpen: false,
  facts: [
    { name: 'mail', type: 'email' },
    { name: 'first_name', type: 'string' },
    { name: 'born', type: 'date' },
    { name: 'amount', type: 'string' },
    { name: 'phase', type: 'enum', values: ['lead', 'won', 'lost'] },
    { name: 'address', type: 'json' },
    { name: 'address.city', isNested: true, type: 'string' },
  ],
};
const TARGET: ToldFields = {
  of: 'hub contacts',
  origin: 'metadata',
  seen: [],
  isOpen: false,
  facts: [
    { name: 'email', type: 'email', isRequired: true },
    { name: 'lastname', type: 'string', isRequired: true },
    { name: 'firstname', type: 'string' },
    { name: 'score', type: 'number' },
    { name: 'home.town', isNested: true, type: 'string' },
    { name: 'city', type: 'string' },
    { name: 'stage', type: 'enum', values: ['lead', 'customer'] },
    { name: 'made_at', type: 'datetime', isReadOnly: true, isRequired: true },
  ],
};

function told(mapping: string, { source = SOURCE, target = TARGET, more = '' } = {}): readonly string[] {
  const text = `source: { connection: crm, object: people }\ntarget: { connection: hub, object: contacts, matchOn: email }\n${more}mapping:\n${mapping}`;
  const file = new YamlFile('syncs/people.yaml', text);
  return checkToldFields(file, syncSchema.parse(parse(text)), source, target).map(printMistake);
}

const GOOD = '  email: mail\n  lastname: { expression: $uppercase(first_name) }\n';

it('fields that are there, of types that fit, are no mistakes; a path, the key of a record and an expression are read rightly', () => {
  assert.deepEqual(
    told(`${GOOD}  city: address.city\n  firstname: $string(id)\n  stage: { from: amount, values: { a: lead } }\n  score: { from: amount, type: number }\n`),
    [],
  );
});

it('a field that does not exist is told of at its place, with what was probably meant', () => {
  assert.deepEqual(told(`${GOOD}  frstname: fist_name\n`), [
    'syncs/people.yaml:6:13 mapping.frstname: crm people has no field "fist_name", did you mean "first_name"?',
    'syncs/people.yaml:6:3 mapping.frstname: hub contacts has no field "frstname", did you mean "firstname"?',
  ]);
});

it('what only a sample shows is a warning for what is read, and nothing for what is written; nothing known is no finding', () => {
  const sample = { ...SOURCE, origin: 'sample' } as const;
  assert.deepEqual(told(`${GOOD}  city: town\n`, { source: sample }), [
    'syncs/people.yaml:6:9 warning: mapping.city: no record of the first page of crm people has "town"',
  ]);
  assert.deepEqual(told(`${GOOD}  anything: mail\n`, { target: { ...TARGET, origin: 'sample' } }), []);
  assert.deepEqual(told(`${GOOD}  anything: everything\n`, { source: { ...SOURCE, facts: [] }, target: { ...TARGET, facts: [] } }), []);
  assert.deepEqual(told(`${GOOD}  anything: mail\n`, { target: { ...TARGET, isOpen: true } }), []);
});

it('a read-only field that is mapped, and a required one that is not; an update needs none', () => {
  assert.deepEqual(told('  email: mail\n  made_at: born\n'), [
    'syncs/people.yaml:5:3 mapping.made_at: "made_at" of hub contacts is read-only: it is set there, and takes no value',
    'syncs/people.yaml:3:1 mapping: nothing maps "lastname", without which hub contacts takes no new record',
  ]);
  const update = 'target: { connection: hub, object: contacts, matchOn: email, mode: update }';
  const text = `source: { connection: crm, object: people }\n${update}\nmapping:\n  email: mail\n`;
  assert.deepEqual(checkToldFields(new YamlFile('a.yaml', text), syncSchema.parse(parse(text)), SOURCE, TARGET), []);
});

it('types that can never fit are mistakes; those that may are warnings with the type to declare', () => {
  assert.deepEqual(told(`${GOOD}  score: born\n`), ['syncs/people.yaml:6:10 mapping.score: gives a date, and hub contacts wants a number']);
  assert.deepEqual(told(`${GOOD}  firstname: address\n`), [
    'syncs/people.yaml:6:14 mapping.firstname: gives an object or a list, and hub contacts wants a text',
  ]);
  assert.deepEqual(told(`${GOOD}  score: amount\n`), [
    'syncs/people.yaml:6:10 warning: mapping.score: gives a text, and hub contacts wants a number: with "type: number" what is none is refused before it is sent',
  ]);
  assert.deepEqual(told(`${GOOD}  score: { from: mail, type: boolean }\n`), [
    'syncs/people.yaml:6:10 mapping.score: gives true or false, and hub contacts wants a number',
  ]);
});

it('constants that are none of the values of a field, with the value that was probably meant', () => {
  assert.deepEqual(told(`${GOOD}  stage: { from: amount, values: { w: custmer }, default: lead }\n`), [
    'syncs/people.yaml:6:39 mapping.stage.values.w: "custmer" is none of the values that hub contacts has there: lead, customer, did you mean "customer"?',
  ]);
});

it('values of the source that the field does not have are a warning, until it is said what becomes of them', () => {
  const open = 'which are none of the values that hub contacts has there: say in `values` what becomes of them';
  assert.deepEqual(told(`${GOOD}  stage: phase\n`), [`syncs/people.yaml:6:10 warning: mapping.stage: may give won, lost, ${open}`]);
  assert.deepEqual(told(`${GOOD}  stage: { from: phase, values: { won: customer, lost: lead } }\n`), []);
});

it('filters and lookups read fields, too', () => {
  const more = 'lookups:\n  owner: { from: { connection: hub, object: owners }, where: { email: owner_mail } }\n';
  assert.deepEqual(told(`${GOOD}`, { more }), ['syncs/people.yaml:4:71 lookups.owner.where.email: crm people has no field "owner_mail"']);
});
