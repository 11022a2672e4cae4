import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.start('--contacts', '1');
});
afterEach(() => sandbox.stop());

const CONTACTS = '/crm/v3/objects/contacts';
const COMPANIES = '/crm/v3/objects/companies';

function upserts(...emails: string[]) {
  return {
    inputs: emails.map((email, index) => ({ idProperty: 'email', id: email, objectWriteTraceId: `t${index}`, properties: { firstname: `First ${index}` } })),
  };
}

test('a batch upsert creates, then updates, and says which by `new`; properties are strings', async () => {
  const first = await sandbox.hubspot(`${CONTACTS}/batch/upsert`, 'POST', upserts('a@x.test', 'b@x.test'));
  assert.equal(first.status, 200);
  assert.deepEqual(
    first.body.results.map((result: Record<string, unknown>) => [result['new'], result['objectWriteTraceId']]),
    [
      [true, 't0'],
      [true, 't1'],
    ],
  );
  const body = { inputs: [{ idProperty: 'email', id: 'A@X.test', properties: { phone: 42, firstname: null } }] };
  const second = await sandbox.hubspot(`${CONTACTS}/batch/upsert`, 'POST', body);
  const [result] = second.body.results;
  assert.equal(result.new, false);
  assert.equal(result.id, first.body.results[0].id);
  assert.deepEqual([result.properties.email, result.properties.phone, result.properties.firstname], ['a@x.test', '42', '']);
  const state = await sandbox.hubspot('/_sandbox/state');
  assert.equal(state.body.counts.contacts, 2);
});

test('traced inputs that are refused are listed in a 207 and the others are written', async () => {
  const answer = await sandbox.hubspot(`${CONTACTS}/batch/upsert`, 'POST', upserts('a@x.test', 'b@blocked.test', 'no address', 'c@x.test'));
  assert.equal(answer.status, 207);
  assert.equal(answer.body.numErrors, 2);
  assert.deepEqual(
    answer.body.results.map((result: Record<string, unknown>) => result['objectWriteTraceId']),
    ['t0', 't3'],
  );
  const [error] = answer.body.errors;
  assert.deepEqual(error.context.objectWriteTraceId, ['t1']);
  assert.equal(error.category, 'VALIDATION_ERROR');
  assert.match(error.message, /^Property values were not valid: .*Email address b@blocked\.test is invalid.*INVALID_EMAIL/);
  assert.equal((await sandbox.hubspot('/_sandbox/state')).body.counts.contacts, 2);
});

test('without trace ids one refused input refuses the whole batch, and nothing is written', async () => {
  const body = upserts('a@x.test', 'b@blocked.test');
  const untraced = { inputs: body.inputs.map(({ objectWriteTraceId: _, ...input }) => input) };
  const answer = await sandbox.hubspot(`${CONTACTS}/batch/upsert`, 'POST', untraced);
  assert.equal(answer.status, 400);
  assert.equal((await sandbox.hubspot('/_sandbox/state')).body.counts.contacts, 0);
});

test('a property that does not exist refuses the whole upsert; a traced create lists it per record', async () => {
  const upsert = upserts('a@x.test', 'b@x.test');
  Object.assign(upsert.inputs[1]?.properties ?? {}, { shoe_size: '42' });
  const answer = await sandbox.hubspot(`${CONTACTS}/batch/upsert`, 'POST', upsert);
  assert.equal(answer.status, 400);
  assert.equal(answer.body.category, 'VALIDATION_ERROR');
  assert.equal(answer.body.errors[0].code, 'PROPERTY_DOESNT_EXIST');
  assert.equal((await sandbox.hubspot('/_sandbox/state')).body.counts.contacts, 0);
  const inputs = [
    { objectWriteTraceId: '1', properties: { email: 'a@x.test' } },
    { objectWriteTraceId: '2', properties: { email: 'b@x.test', shoe_size: '42' } },
  ];
  const create = await sandbox.hubspot(`${CONTACTS}/batch/create`, 'POST', { inputs });
  assert.equal(create.status, 207);
  assert.deepEqual(create.body.errors[0].context.objectWriteTraceId, ['2']);
});

test('options, owners and read-only properties are checked', async () => {
  const write = async (properties: Readonly<Record<string, string>>) => (await sandbox.hubspot(CONTACTS, 'POST', { properties })).body.errors?.[0]?.code;
  assert.equal(await write({ lifecyclestage: 'won' }), 'INVALID_OPTION');
  assert.equal(await write({ hubspot_owner_id: '1' }), 'INVALID_OWNER_ID');
  assert.equal(await write({ hs_object_id: '1' }), 'READ_ONLY_VALUE');
  assert.equal(await write({ lifecyclestage: 'customer', hubspot_owner_id: '70000' }), undefined);
});

test('a batch of more than 100, an empty one, and one with an id twice are refused', async () => {
  const many = Array.from({ length: 101 }, (_, index) => `p${index}@x.test`);
  const batch = (body: unknown) => sandbox.hubspot(`${CONTACTS}/batch/upsert`, 'POST', body);
  assert.equal((await batch(upserts(...many))).status, 400);
  assert.equal((await batch(upserts(...many.slice(0, 100)))).status, 200);
  assert.equal((await batch({ inputs: [] })).status, 400);
  const twice = await batch(upserts('a@x.test', 'A@x.test'));
  assert.equal(twice.status, 400);
  assert.match(twice.body.message, /Duplicate IDs found in batch input/);
  assert.equal((await batch('{')).status, 400);
});

test('a contact cannot be created twice with one e-mail address, in one batch neither', async () => {
  const create = (email: string) => sandbox.hubspot(CONTACTS, 'POST', { properties: { email } });
  const first = await create('a@x.test');
  assert.equal(first.status, 201);
  const second = await create('A@x.test');
  assert.equal(second.status, 409);
  assert.equal(second.body.message, `Contact already exists. Existing ID: ${first.body.id}`);
  const inputs = ['1', '2'].map((objectWriteTraceId) => ({ objectWriteTraceId, properties: { email: 'b@x.test' } }));
  const batch = await sandbox.hubspot(`${CONTACTS}/batch/create`, 'POST', { inputs });
  assert.deepEqual([batch.status, batch.body.results.length, batch.body.errors[0].category], [207, 1, 'CONFLICT']);
});

test('duplicates, where they are allowed, are made and counted', async () => {
  await sandbox.faults('hubspot', { allowsDuplicates: true });
  for (const email of ['a@x.test', 'a@x.test', 'b@x.test']) assert.equal((await sandbox.hubspot(CONTACTS, 'POST', { properties: { email } })).status, 201);
  for (const domain of ['x.test', 'x.test']) await sandbox.hubspot(COMPANIES, 'POST', { properties: { domain } });
  const { duplicates } = (await sandbox.hubspot('/_sandbox/state')).body;
  assert.deepEqual(duplicates, { contacts: ['a@x.test'], companies: ['x.test'] });
});

test('a batch update names ids that are not there, and changes the others', async () => {
  const { body: made } = await sandbox.hubspot(CONTACTS, 'POST', { properties: { email: 'a@x.test' } });
  const inputs = [
    { id: made.id, objectWriteTraceId: '1', properties: { company: 'New' } },
    { id: '999', objectWriteTraceId: '2', properties: { company: 'New' } },
  ];
  const answer = await sandbox.hubspot(`${CONTACTS}/batch/update`, 'POST', { inputs });
  assert.equal(answer.status, 207);
  assert.equal(answer.body.results[0].properties.company, 'New');
  assert.deepEqual(answer.body.errors[0].context, { ids: ['999'], objectWriteTraceId: ['2'] });
});

test('companies are upserted by a unique property only', async () => {
  const by = (idProperty: string) =>
    sandbox.hubspot(`${COMPANIES}/batch/upsert`, 'POST', { inputs: [{ idProperty, id: 'c-1', properties: { name: 'Initech' } }] });
  assert.equal((await by('domain')).status, 400);
  assert.equal((await by('external_id')).body.results[0].new, true);
  assert.equal((await by('external_id')).body.results[0].new, false);
});

test('a list is paged by `after`, holds still when records are archived, and shows the properties asked for', async () => {
  const emails = Array.from({ length: 25 }, (_, index) => `p${index}@x.test`);
  await sandbox.hubspot(`${CONTACTS}/batch/upsert`, 'POST', upserts(...emails));
  const first = await sandbox.hubspot(`${CONTACTS}?limit=10&properties=email,phone`);
  assert.deepEqual(Object.keys(first.body.results[0].properties).toSorted(), ['createdate', 'email', 'hs_object_id', 'lastmodifieddate', 'phone']);
  assert.equal(first.body.results[0].properties.phone, null);
  assert.equal((await sandbox.hubspot(`${CONTACTS}/${first.body.results[2].id}`, 'DELETE')).status, 204);
  const second = await sandbox.hubspot(`${CONTACTS}?limit=10&after=${first.body.paging.next.after}`);
  assert.equal(second.body.results[0].properties.email, 'p10@x.test');
  const third = await sandbox.hubspot(`${CONTACTS}?limit=10&after=${second.body.paging.next.after}`);
  assert.equal(third.body.results.length, 5);
  assert.equal(third.body.paging, undefined);
  assert.equal((await sandbox.hubspot(`${CONTACTS}?limit=101`)).status, 400);
});

test('one contact is read by id or by e-mail address, changed, archived', async () => {
  const { body: made } = await sandbox.hubspot(CONTACTS, 'POST', { properties: { email: 'a@x.test', firstname: 'Ada' } });
  const byEmail = await sandbox.hubspot(`${CONTACTS}/a%40x.test?idProperty=email`);
  assert.equal(byEmail.body.id, made.id);
  const changed = await sandbox.hubspot(`${CONTACTS}/${made.id}`, 'PATCH', { properties: { firstname: 'Grace', email: 'g@x.test' } });
  assert.equal(changed.body.properties.firstname, 'Grace');
  assert.equal((await sandbox.hubspot(`${CONTACTS}/a%40x.test?idProperty=email`)).status, 404);
  assert.equal((await sandbox.hubspot(`${CONTACTS}/${made.id}`, 'DELETE')).status, 204);
  assert.equal((await sandbox.hubspot(`${CONTACTS}/${made.id}`)).status, 404);
  assert.equal((await sandbox.hubspot(CONTACTS, 'POST', { properties: { email: 'g@x.test' } })).status, 201);
});

test('a search by IN finds whatever the capitals, but new records only after the indexing delay', async () => {
  await sandbox.faults('hubspot', { indexingDelayMs: 300 });
  await sandbox.hubspot(`${CONTACTS}/batch/upsert`, 'POST', upserts('a@x.test', 'b@x.test', 'c@x.test'));
  const filters = [{ propertyName: 'email', operator: 'IN', values: ['a@x.test', 'C@X.test', 'z@x.test'] }];
  const find = async () => (await sandbox.hubspot(`${CONTACTS}/search`, 'POST', { filterGroups: [{ filters }], properties: ['email'], limit: 100 })).body;
  assert.equal((await find()).total, 0);
  await new Promise((resolve) => setTimeout(resolve, 350));
  const found = await find();
  assert.deepEqual(
    found.results.map((result: { properties: { email: string } }) => result.properties.email),
    ['a@x.test', 'c@x.test'],
  );
  assert.equal((await sandbox.hubspot(`${CONTACTS}/search`, 'POST', { filterGroups: [{ filters: [{ propertyName: 'email' }] }] })).status, 400);
});

test('owners are listed by cursor, found by e-mail address or id', async () => {
  const first = await sandbox.hubspot('/crm/v3/owners?limit=30');
  const second = await sandbox.hubspot(`/crm/v3/owners?limit=30&after=${first.body.paging.next.after}`);
  assert.equal(first.body.results.length + second.body.results.length, 50);
  assert.equal(second.body.paging, undefined);
  const byEmail = await sandbox.hubspot('/crm/v3/owners?email=OWNER3%40sales.test');
  assert.deepEqual(
    byEmail.body.results.map((owner: { id: string }) => owner.id),
    ['70002'],
  );
  assert.equal((await sandbox.hubspot('/crm/v3/owners/70002')).body.email, 'owner3@sales.test');
  assert.equal((await sandbox.hubspot('/crm/v3/owners/1')).status, 404);
});

test('a wrong token is a 401 in the shape of HubSpot; every answer has a correlation id', async () => {
  const answer = await sandbox.hubspot(CONTACTS, 'GET', undefined, 'wrong');
  assert.equal(answer.status, 401);
  assert.equal(answer.body.category, 'INVALID_AUTHENTICATION');
  assert.equal(answer.headers.get('x-hubspot-correlation-id'), answer.body.correlationId);
  assert.ok((await sandbox.hubspot(CONTACTS)).headers.get('x-hubspot-correlation-id'));
});

test('properties are told with their types, options and whether they can be written', async () => {
  const { status, body } = await sandbox.hubspot('/crm/v3/properties/contacts');
  assert.equal(status, 200);
  const find = (name: string) => body.results.find((property: Record<string, unknown>) => property['name'] === name);
  assert.equal(find('email').modificationMetadata.readOnlyValue, false);
  assert.equal(find('createdate').modificationMetadata.readOnlyValue, true);
  assert.deepEqual([find('lifecyclestage').type, find('lifecyclestage').options[1].value], ['enumeration', 'lead']);
  assert.equal(find('domain'), undefined);
});
