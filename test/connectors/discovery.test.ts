import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import type { DiscoveredFields, OpenConnection } from '../../connectors/ports.ts';
import type { FieldFacts } from '../../engine/field-facts.ts';
import { json, type LocalServer, serve } from '../http/local-server.ts';
import { connect, resolved } from './connect.ts';

it('the fields of an object are what its `fields` endpoint tells, in the words of mappings', async (context) => {
  const { url, received } = await answering(context, {
    fields: [
      { api_name: 'email', title: 'E-mail', kind: 'email', must: true, fixed: false },
      { api_name: 'stage', title: 'Stage', kind: 'lov', must: false, fixed: false, choices: [{ id: 'lead' }, { id: 'won' }] },
      { api_name: 'made_at', title: '', kind: 'timestamp', must: false, fixed: true },
      { api_name: 'blob', kind: 'something else' },
    ],
  });
  const fields = {
    get: '/metadata/{object}',
    query: { deep: true },
    records: 'fields',
    name: 'api_name',
    label: 'title',
    type: 'kind',
    types: { lov: 'enum' },
  };
  const connection = resolved(url, { objects: { contacts: { fields: { ...fields, required: 'must', readOnly: 'fixed', values: 'choices.id' } } } });
  const discovered = await fieldsOf(connect(context, connection), 'contacts');
  assert.deepEqual(
    received.map((request) => request.url),
    ['/metadata/contacts?deep=true'],
  );
  assert.deepEqual(discovered, {
    origin: 'metadata',
    facts: [
      { name: 'email', label: 'E-mail', type: 'email', isRequired: true, isReadOnly: false },
      { name: 'stage', label: 'Stage', type: 'enum', isRequired: false, isReadOnly: false, values: ['lead', 'won'] },
      { name: 'made_at', type: 'datetime', isRequired: false, isReadOnly: true },
      { name: 'blob' },
    ],
  });
});

it('an endpoint that lists no fields is told of, with what its answer has', async (context) => {
  const { url } = await answering(context, { items: [] });
  const connection = resolved(url, { objects: { contacts: { fields: { get: '/metadata', records: 'fields', name: 'name' } } } });
  await assert.rejects(fieldsOf(connect(context, connection), 'contacts'), /crm\.contacts\.fields: "fields" finds no list of fields\. The answer has: items\./);
});

it('where nothing tells the fields, a page of records does: their types, and those inside of others', async (context) => {
  const people = [
    {
      id: 7,
      mail: 'ann@example.test',
      born: '1990-02-03',
      seen: '2026-01-01T10:00:00Z',
      site: 'https://example.test/a',
      tags: ['a'],
      address: { city: 'Ulm', geo: { lat: 48.4 } },
    },
    { id: 8, mail: 'bob@example.test', born: null, seen: '2026-01-02T10:00:00Z', site: 'https://example.test/b', tags: [], vip: true },
  ];
  const { url } = await answering(context, people);
  const connection = resolved(url, { objects: { people: { list: { get: '/people', records: '$', page: { type: 'none' } } } } });
  const { facts, origin } = await fieldsOf(connect(context, connection), 'people');
  assert.equal(origin, 'sample');
  assert.deepEqual(typesOf(facts), {
    id: 'integer',
    mail: 'email',
    born: 'date',
    seen: 'datetime',
    site: 'url',
    tags: 'json',
    address: 'json',
    'address.city': 'string',
    'address.geo': 'json',
    'address.geo.lat': 'number',
    vip: 'boolean',
  });
  assert.deepEqual(facts.find(({ name }) => name === 'mail')?.examples, ['ann@example.test', 'bob@example.test']);
});

it('a list that wants the beginning of a window gets one', async (context) => {
  const { url, received } = await answering(context, [{ id: 1 }]);
  const list = { get: '/people', query: { since: '{window.from}' }, records: '$', page: { type: 'none' } };
  const { facts } = await fieldsOf(connect(context, resolved(url, { objects: { people: { list } } })), 'people');
  assert.deepEqual(typesOf(facts), { id: 'integer' });
  assert.match(received[0]?.url ?? '', /^\/people\?since=20\d\d-/);
});

it('known fields are those of the connector, with the types that records show', async (context) => {
  const { url } = await answering(context, [{ id: 1, other: 'x' }]);
  const object = { knownFields: ['id', 'name'], list: { get: '/people', records: '$', page: { type: 'none' } } };
  const { facts, origin } = await fieldsOf(connect(context, resolved(url, { objects: { people: object } })), 'people');
  assert.deepEqual([origin, facts], ['manifest', [{ name: 'id', type: 'integer', examples: [1] }, { name: 'name' }]]);
});

it('an OpenAPI document tells what a list gives and a write takes: what only answers have is read-only', async (context) => {
  const directory = folder(context, { 'acme.yaml': OPENAPI });
  const contacts = {
    list: { get: '/contacts', records: 'data', page: { type: 'none' } },
    upsert: { post: '/contacts/batch', max: 10, body: { items: '{records}' }, record: { attributes: '{fields}' }, results: { at: 'results', by: 'index' } },
  };
  const connection = resolved('http://127.0.0.1:9/v2', { openapi: 'acme.yaml', objects: { contacts } });
  const { facts, origin } = await fieldsOf(connect(context, connection, { directory }), 'contacts');
  assert.equal(origin, 'openapi');
  assert.deepEqual(facts, [
    { name: 'email', label: 'Mail', type: 'email', examples: ['a@example.test'], isRequired: true, isReadOnly: false },
    { name: 'stage', type: 'enum', values: ['lead', 'won'], isRequired: false, isReadOnly: false },
    { name: 'address', type: 'json', isRequired: false, isReadOnly: false },
    { name: 'id', type: 'integer', isRequired: false, isReadOnly: true },
    { name: 'made_at', type: 'datetime', isReadOnly: true, isRequired: false },
    { name: 'address.city', isNested: true, type: 'string' },
    { name: 'parent', type: 'json', isRequired: false, isReadOnly: true },
    { name: 'parent.name', isNested: true, type: 'string' },
    { name: 'parent.parent', isNested: true, type: 'json' },
  ]);
});

it('a Swagger 2.0 document in JSON is read, too, and one in several files; one that is none, or is not there, is told of', async (context) => {
  const split = `openapi: 3.0.0\ninfo: { title: a, version: '1' }\npaths: { /people: { post: { requestBody: { content: { application/json: { schema: { $ref: './person.yaml' } } } }, responses: {} } } }\n`;
  const directory = folder(context, {
    'split.yaml': split,
    'person.yaml': 'properties: { name: { type: string } }\n',
    'old.json': SWAGGER,
    'none.yaml': 'a: 1\n',
    'broken.yaml': 'a: [\n',
  });
  const objects = { people: { create: { post: '/people' } }, others: { create: { post: '/others' } } };
  const open = (openapi: string) => connect(context, resolved('http://127.0.0.1:9', { openapi, objects }), { directory });
  assert.deepEqual((await fieldsOf(open('old.json'), 'people')).facts, [
    { name: 'name', type: 'string', isRequired: true, isReadOnly: false },
    { name: 'age', type: 'integer', isRequired: false, isReadOnly: false },
  ]);
  assert.deepEqual(typesOf((await fieldsOf(open('split.yaml'), 'people')).facts), { name: 'string' });
  await assert.rejects(fieldsOf(open('old.json'), 'others'), /Nothing tells the fields of crm\.others/);
  await assert.rejects(fieldsOf(open('none.yaml'), 'people'), /none\.yaml/);
  await assert.rejects(fieldsOf(open('broken.yaml'), 'people'), /broken\.yaml cannot be read as a description of an API/);
  await assert.rejects(fieldsOf(open('gone.yaml'), 'people'), /there is no gone\.yaml, which `openapi` names/);
});

it('the columns of a file are its fields, with the types of its first records', async (context) => {
  const directory = folder(context, { 'people.csv': 'id,mail,joined\n1,a@example.test,2026-01-01\n2,b@example.test,\n', 'empty.csv': 'id,mail\n' });
  const connection = resolved('', { kind: 'files', folder: '.', objects: { people: { file: { path: 'people.csv' } } } });
  const { facts, origin } = await fieldsOf(connect(context, connection, { directory }), 'people');
  assert.equal(origin, 'sample');
  assert.deepEqual(typesOf(facts), { id: 'string', mail: 'email', joined: 'date' });
  const empty = resolved('', { kind: 'files', folder: '.', objects: { people: { file: { path: 'empty.csv' } } } });
  assert.deepEqual((await fieldsOf(connect(context, empty, { directory }), 'people')).facts, [{ name: 'id' }, { name: 'mail' }]);
});

const OPENAPI = `openapi: 3.1.0
info: { title: Acme, version: "2" }
servers: [{ url: https://api.acme.test/v2 }]
paths:
  /contacts:
    get:
      responses:
        "200": { content: { application/json: { schema: { $ref: "#/components/schemas/Page" } } } }
  /contacts/{id}:
    get: { responses: { "200": { description: one } } }
  /contacts/batch:
    post:
      requestBody: { $ref: "#/components/requestBodies/Batch" }
      responses: { "200": { description: done } }
components:
  requestBodies:
    Batch:
      content:
        application/json:
          schema:
            type: object
            properties:
              items: { type: array, items: { properties: { attributes: { $ref: "#/components/schemas/NewContact" } } } }
  schemas:
    Page: { type: object, properties: { data: { type: array, items: { $ref: "#/components/schemas/Contact" } } } }
    NewContact:
      type: object
      required: [email]
      properties:
        email: { type: string, format: email, title: Mail, example: a@example.test }
        stage: { type: [string, "null"], enum: [lead, won, null] }
        address: { type: object, properties: { city: { type: string } } }
    Contact:
      allOf:
        - type: object
          properties: { id: { type: integer }, made_at: { type: string, format: date-time, readOnly: true } }
        - $ref: "#/components/schemas/NewContact"
        - properties: { parent: { oneOf: [{ $ref: "#/components/schemas/Company" }, { type: "null" }] } }
    Company: { type: object, properties: { name: { type: string }, parent: { $ref: "#/components/schemas/Company" } } }
`;

const SWAGGER = JSON.stringify({
  swagger: '2.0',
  paths: {
    '/people': {
      post: {
        parameters: [
          { in: 'query', name: 'x' },
          { in: 'body', name: 'body', schema: { $ref: '#/definitions/Person' } },
        ],
        responses: {},
      },
    },
  },
  definitions: { Person: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, age: { type: 'integer', format: 'int32' } } } },
});

function fieldsOf(connection: OpenConnection, object: string): Promise<DiscoveredFields> {
  assert.ok(connection.discover);
  return connection.discover.fields(object);
}

function typesOf(facts: readonly FieldFacts[]): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(facts.map(({ name, type }) => [name, type]));
}

function answering(context: TestContext, body: unknown): Promise<LocalServer> {
  return serve(context, (_request, response) => json(response, body));
}

function folder(context: TestContext, files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-discovery-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
  return directory;
}
