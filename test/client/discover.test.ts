import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { json, serve } from '../http/local-server.ts';
import { TestProject } from './test-project.ts';

const PROPERTIES = {
  results: [
    { name: 'email', label: 'Email', type: 'string', fieldType: 'text', options: [], modificationMetadata: { readOnlyValue: false } },
    { name: 'stage', label: 'Stage', type: 'enumeration', fieldType: 'select', options: [{ value: 'lead' }, { value: 'won' }] },
    { name: 'createdate', label: 'Create Date', type: 'datetime', fieldType: 'date', options: [], modificationMetadata: { readOnlyValue: true } },
  ],
};
const RECORDS = { data: [{ id: 1, mail: 'ann@example.test', phone: '+49 731 123456', company: { name: 'Acme' } }] };

async function start(context: TestContext): Promise<(...words: string[]) => Promise<{ code: number; stdout: string; stderr: string }>> {
  const server = await serve(context, ({ url }, response) => json(response, url.startsWith('/crm/v3/properties/contacts') ? PROPERTIES : RECORDS));
  const project = new TestProject();
  context.after(() => project.remove());
  return (...words) => project.cli(words, { CRM_URL: server.url, HUBSPOT_URL: server.url });
}

it('without an object, the objects are listed with what can be read and written of them', async (context) => {
  const cli = await start(context);
  const { code, stdout } = await cli('discover', 'hubspot');
  assert.equal(code, 0);
  assert.match(stdout, /^OBJECT +READ +WRITE\ncontacts +list, get, search +create, update, upsert, delete\n/);
  assert.match(stdout, /\nowners +list, get +no\n/);
  const document = JSON.parse((await cli('discover', 'crm', '--json')).stdout);
  assert.deepEqual(document.objects, [{ name: 'contacts', isDescribed: true, reads: ['list'], writes: [] }]);
});

it('the fields of an object are one table: what nobody knows is no column', async (context) => {
  const cli = await start(context);
  const { code, stdout, stderr } = await cli('discover', 'hubspot', 'contacts');
  assert.equal(code, 0);
  assert.equal(
    stdout,
    [
      'FIELD       LABEL        TYPE                 VALUES',
      'id                                 read-only',
      'email       Email        email',
      'stage       Stage        enum                 lead, won',
      'createdate  Create Date  datetime  read-only',
      '',
    ].join('\n'),
  );
  assert.match(stderr, /4 fields, as the API tells them/);
});

it('values of records are shown only when they are asked for, and those of sensitive fields never', async (context) => {
  const cli = await start(context);
  const silent = await cli('discover', 'crm', 'contacts', '--json');
  assert.deepEqual(JSON.parse(silent.stdout).fields[1], { name: 'mail', type: 'email' });
  assert.doesNotMatch(silent.stdout, /ann@|Acme/);
  const shown = await cli('discover', 'crm', 'contacts', '--examples');
  assert.match(shown.stdout, /^mail +email +ann@example\.test$/m);
  assert.match(shown.stdout, /^phone +phone +hidden: sensitive$/m);
  const document = JSON.parse((await cli('discover', 'crm', 'contacts', '--examples', '--json')).stdout);
  assert.equal(document.origin, 'sample');
  assert.deepEqual(document.fields[2], { name: 'phone', type: 'phone', isSensitive: true });
  assert.deepEqual(document.fields[4], { name: 'company.name', isNested: true, type: 'string', examples: ['Acme'] });
});

it('a connection or an object that is none is told of, with what was probably meant', async (context) => {
  const cli = await start(context);
  const connection = await cli('discover', 'hubspt');
  assert.deepEqual([connection.code, /has no connection "hubspt" \(did you mean "hubspot"\?\)/.test(connection.stderr)], [2, true]);
  const object = await cli('discover', 'hubspot', 'contact');
  assert.deepEqual([object.code, /has no object "contact"/.test(object.stderr)], [3, true]);
});

it('of a connector that knows any object by its name, Salesforce, each is described when it is asked for', async (context) => {
  const field = (name: string, type: string, more: object = {}) => {
    return {
      name,
      label: `The ${name}`,
      type,
      nillable: true,
      createable: true,
      updateable: true,
      defaultedOnCreate: false,
      restrictedPicklist: false,
      picklistValues: [],
      ...more,
    };
  };
  const picklistValues = [
    { value: 'Hot', active: true },
    { value: 'Tepid', active: false },
    { value: 'Cold', active: true },
  ];
  const fields = [
    field('Id', 'id', { nillable: false, createable: false, updateable: false, defaultedOnCreate: true }),
    field('LastName', 'string', { nillable: false }),
    field('Rating', 'picklist', { restrictedPicklist: true, picklistValues }),
    field('Source', 'picklist', { picklistValues }),
    field('Topics', 'multipicklist', { restrictedPicklist: true, picklistValues }),
    field('OwnerId', 'reference', { nillable: false, defaultedOnCreate: true }),
    field('Revenue', 'currency'),
  ];
  const server = await serve(context, ({ url }, response) =>
    json(response, url.endsWith('/sobjects/Contact/describe') ? { fields } : {}, url.includes('describe') ? 200 : 404),
  );
  const project = new TestProject({
    'connections/org.yaml': `connector: salesforce\nshared: true\nbaseUrl: ${server.url}\nauth: { type: bearer, token: "\${secret:CRM_TOKEN}" }\n`,
  });
  context.after(() => project.remove());
  const { code, stdout, stderr } = await project.cli(['discover', 'org', 'Contact', '--json']);
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout).fields, [
    { name: 'Id', label: 'The Id', type: 'string', isRequired: false, isReadOnly: true },
    { name: 'LastName', label: 'The LastName', type: 'string', isRequired: true, isReadOnly: false },
    { name: 'Rating', label: 'The Rating', type: 'enum', isRequired: false, isReadOnly: false, values: ['Hot', 'Cold'] },
    { name: 'Source', label: 'The Source', type: 'enum', isRequired: false, isReadOnly: false },
    { name: 'Topics', label: 'The Topics', type: 'string', isRequired: false, isReadOnly: false },
    { name: 'OwnerId', label: 'The OwnerId', type: 'reference', isRequired: false, isReadOnly: false },
    { name: 'Revenue', label: 'The Revenue', type: 'number', isRequired: false, isReadOnly: false },
  ]);
});
