import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { OpenConnection } from '../../connectors/ports.ts';
import { type Answer, json, type LocalServer, serve } from '../http/local-server.ts';
import { connect, keysOf, outgoing, readAll, resolved, send } from './connect.ts';
import { shippedConnector } from './shipped-connector.ts';

const { errors, hints, limits, objects, probe } = shippedConnector('hubspot');

/** The manifest that ships, over answers in the shapes of HubSpot's documentation. */
async function hubspot(context: TestContext, answer: Answer): Promise<{ readonly server: LocalServer; readonly connection: OpenConnection }> {
  const server = await serve(context, answer);
  return { server, connection: connect(context, resolved(server.url, { name: 'hubspot', errors, hints, objects, probe })) };
}

const always =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    json(response, body, status, headers);

const bodyOf = (server: LocalServer, index = 0) => JSON.parse(server.received[index]?.body ?? '');

const ADA = outgoing('ada@x.test', { firstname: 'Ada', phone: null }, '71');
const BOB = outgoing('bob@x.test', { firstname: 'Bob' }, '72');
const result = (id: string, email: string, more = {}) => ({
  id,
  properties: { email, hs_object_id: id },
  createdAt: '2026-01-01T00:00:00Z',
  archived: false,
  ...more,
});
const TIMES = { startedAt: '2026-01-01T00:00:00Z', completedAt: '2026-01-01T00:00:01Z' };

describe('HubSpot is read', () => {
  it('contacts, page by page, their properties as fields, those of the account among them', async (context) => {
    const { server, connection } = await hubspot(context, ({ url }, response) => {
      if (url === '/crm/v3/properties/contacts') return json(response, { results: ['email', 'phone', 'plan_tier'].map((name) => ({ name })) });
      const isFirst = !url.includes('after=');
      json(response, {
        results: [{ id: isFirst ? '71' : '72', properties: { email: `${isFirst ? 'ada' : 'bob'}@x.test`, phone: null, plan_tier: 'gold' }, archived: false }],
        ...(isFirst ? { paging: { next: { after: '72', link: 'https://api.hubapi.com/crm/v3/objects/contacts?after=72' } } } : {}),
      });
    });
    const pages = await readAll(connection.source('contacts'));
    assert.deepEqual(keysOf(pages), ['71', '72']);
    assert.deepEqual(pages[0]?.records[0]?.fields, { id: '71', email: 'ada@x.test', phone: null, plan_tier: 'gold', archived: false });
    const asked = '/crm/v3/objects/contacts?properties=email%2Cphone%2Cplan_tier&limit=100';
    assert.deepEqual(
      server.received.map(({ url }) => url),
      ['/crm/v3/properties/contacts', asked, `${asked}&after=72`],
    );
  });

  it('more properties than an address takes, in parts of the same page', async (context) => {
    const names = Array.from({ length: 900 }, (_, index) => `a_property_of_our_own_${index}`);
    const { server, connection } = await hubspot(context, ({ url }, response) => {
      if (url === '/crm/v3/properties/deals') return json(response, { results: names.map((name) => ({ name })) });
      const asked = new URL(url, 'http://x').searchParams.get('properties')?.split(',') ?? [];
      json(response, { results: [{ id: '7', properties: Object.fromEntries(asked.map((name) => [name, 'x'])), archived: false }] });
    });
    const [page] = await readAll(connection.source('deals'));
    assert.deepEqual(Object.keys(page?.records[0]?.fields ?? {}).toSorted(), [...names, 'archived', 'id'].toSorted());
    assert.equal(server.received.length, 3);
    assert.ok(server.received.every(({ url }) => url.length < 16_300));
  });

  it('owners, as a lookup wants them', async (context) => {
    const owner = { id: '41629779', email: 'grace@x.test', type: 'PERSON', firstName: 'Grace', userId: 9586504, archived: false };
    const { server, connection } = await hubspot(context, always(200, { results: [owner] }));
    assert.deepEqual((await readAll(connection.source('owners')))[0]?.records, [{ key: '41629779', fields: owner }]);
    assert.equal(server.received[0]?.url, '/crm/v3/owners?limit=500');
  });

  it('one contact, or none', async (context) => {
    const { connection } = await hubspot(context, ({ url }, response) => {
      if (url === '/crm/v3/properties/contacts') return json(response, { results: [{ name: 'email' }, { name: 'plan_tier' }] });
      if (url !== '/crm/v3/objects/contacts/71?properties=email%2Cplan_tier') return json(response, { status: 'error', category: 'OBJECT_NOT_FOUND' }, 404);
      json(response, result('71', 'ada@x.test'));
    });
    assert.equal((await connection.source('contacts').readOne?.('71'))?.fields['email'], 'ada@x.test');
    assert.equal(await connection.source('contacts').readOne?.('99'), undefined);
  });
});

describe('HubSpot is written', () => {
  it('contacts by upsert on e-mail: 100 a batch, nulls as empty texts', async (context) => {
    const { server, connection } = await hubspot(
      context,
      always(200, { status: 'COMPLETE', results: [result('71', 'ada@x.test', { new: true, objectWriteTraceId: '0' })], ...TIMES }),
    );
    const target = connection.target('contacts', 'email');
    const { jobs: _, ...byRequest } = target.abilities.upsert ?? {};
    assert.deepEqual(byRequest, { maxRecords: 100, maxBytes: 4_000_000, isRepeatable: true, applyDelayMs: 30_000, merges: true });
    assert.deepEqual(await send(target, 'upsert', [ADA]), { answer: 'results', results: [{ outcome: 'written', targetId: '71', created: true }] });
    assert.equal(server.received[0]?.url, '/crm/v3/objects/contacts/batch/upsert');
    assert.deepEqual(bodyOf(server), {
      inputs: [{ idProperty: 'email', id: 'ada@x.test', objectWriteTraceId: '0', properties: { email: 'ada@x.test', firstname: 'Ada', phone: '' } }],
    });
  });

  const refusal = {
    status: 'error',
    category: 'VALIDATION_ERROR',
    message: 'Property values were not valid: [{"error":"INVALID_EMAIL"}]',
    context: { objectWriteTraceId: ['0'] },
  };
  const refused = { outcome: 'rejected', rejection: { reason: 'api-rejected', message: refusal.message, apiCode: 'VALIDATION_ERROR', retry: 'never' } };

  for (const [name, trace] of [
    ['carry their trace ids', { objectWriteTraceId: '1' }],
    ['carry none', {}],
  ] as const) {
    it(`of a 207 the refused record is named by its trace id, where results ${name}`, async (context) => {
      const body = { status: 'COMPLETE', results: [result('72', 'Bob@x.test', { new: false, ...trace })], numErrors: 1, errors: [refusal], ...TIMES };
      const { connection } = await hubspot(context, always(207, body));
      const answer = await send(connection.target('contacts', 'email'), 'upsert', [ADA, BOB]);
      assert.deepEqual(answer, { answer: 'results', results: [refused, { outcome: 'written', targetId: '72', created: false }] });
    });
  }

  it('a refusal of several properties keeps the words for each', async (context) => {
    const errors = [
      { message: 'phone was too long', code: 'TOO_LONG' },
      { message: 'stage was not one of the allowed options', code: 'INVALID_OPTION' },
    ];
    for (const [index, words] of ['phone was too long', 'phone was too long; stage was not one of the allowed options'].entries()) {
      const body = { results: [], numErrors: 1, errors: [{ ...refusal, errors: errors.slice(0, index + 1) }], ...TIMES };
      const { connection } = await hubspot(context, always(207, body));
      const answer = await send(connection.target('contacts', 'email'), 'upsert', [ADA]);
      assert.ok(answer.answer === 'results' && answer.results[0]?.outcome === 'rejected');
      assert.equal(answer.results[0].rejection.message, words);
    }
  });

  it('a record that a 207 does not mention is unknown', async (context) => {
    const { connection } = await hubspot(
      context,
      always(207, { results: [result('72', 'bob@x.test')], numErrors: 1, errors: [{ ...refusal, context: {} }], ...TIMES }),
    );
    const answer = await send(connection.target('contacts', 'email'), 'upsert', [ADA, BOB]);
    assert.deepEqual(answer, { answer: 'results', results: [{ outcome: 'unknown' }, { outcome: 'written', targetId: '72' }] });
  });

  it('an update by id of a record that is gone is target-missing, the others are written', async (context) => {
    const missing = {
      status: 'error',
      category: 'OBJECT_NOT_FOUND',
      message: 'Could not get some CONTACT objects',
      context: { ids: ['71'], objectWriteTraceId: ['71'] },
    };
    const { server, connection } = await hubspot(context, always(207, { results: [result('72', 'bob@x.test')], numErrors: 1, errors: [missing], ...TIMES }));
    const answer = await send(connection.target('contacts', 'email'), 'update', [ADA, BOB]);
    assert.ok(answer.answer === 'results');
    const [ada, bob] = answer.results;
    assert.ok(ada?.outcome === 'rejected' && ada.rejection.reason === 'target-missing' && ada.rejection.apiCode === 'OBJECT_NOT_FOUND');
    assert.deepEqual(bob, { outcome: 'written', targetId: '72' });
    assert.deepEqual(bodyOf(server).inputs[1], { id: '72', objectWriteTraceId: '72', properties: { email: 'bob@x.test', firstname: 'Bob' } });
  });

  it('companies are searched in lower case, then created; a conflict may pass later', async (context) => {
    const acme = { fields: { domain: 'Acme.test', name: 'Acme' }, match: 'Acme.test' };
    const { server, connection } = await hubspot(context, ({ url }, response) => {
      if (url.endsWith('/search'))
        return json(response, { total: 1, results: [{ id: '9', properties: { domain: 'acme.test', name: 'Acme' }, archived: false }] });
      const conflict = { status: 'error', category: 'CONFLICT', message: 'Company already exists', context: { objectWriteTraceId: ['0'], existingId: ['9'] } };
      json(response, { results: [], numErrors: 1, errors: [conflict], ...TIMES }, 207);
    });
    const target = connection.target('companies', 'domain');
    assert.deepEqual(Object.keys(target.abilities), ['create', 'update', 'delete'], 'HubSpot refuses upserts on domain');
    assert.equal((await target.search(['Acme.test'])).get('Acme.test')?.[0]?.id, '9');
    assert.deepEqual(bodyOf(server).filterGroups, [{ filters: [{ propertyName: 'domain', operator: 'IN', values: ['acme.test'] }] }]);
    assert.deepEqual(await send(target, 'create', [acme]), {
      answer: 'results',
      results: [{ outcome: 'rejected', rejection: { reason: 'api-rejected', message: 'Company already exists', apiCode: 'CONFLICT', retry: 'later' } }],
    });
  });

  it('a search shows all fields that a sync compares, in several queries where one would be too long', async (context) => {
    const wanted = Array.from({ length: 150 }, (_, index) => `a_property_of_our_own_${index}`);
    const { server, connection } = await hubspot(context, (request, response) => {
      if (request.body.length > 3_000) return json(response, { status: 'error', category: 'VALIDATION_ERROR', message: 'The query is too long' }, 400);
      const { properties }: { properties: string[] } = JSON.parse(request.body);
      json(response, { results: [{ id: '9', properties: Object.fromEntries(properties.map((name) => [name, name === 'domain' ? 'acme.test' : name])) }] });
    });
    const few = await connection.target('companies', 'domain', undefined, ['domain', 'name', 'plan_tier']).search(['acme.test']);
    assert.deepEqual(few.get('acme.test')?.[0]?.fields, { id: '9', domain: 'acme.test', name: 'name', plan_tier: 'plan_tier' });
    assert.deepEqual(bodyOf(server).properties, ['domain', 'name', 'plan_tier']);
    const many = await connection.target('companies', 'domain', undefined, wanted).search(['acme.test', 'other.test']);
    assert.deepEqual(Object.keys(many.get('acme.test')?.[0]?.fields ?? {}), ['id', 'domain', ...wanted]);
  });

  it('no more than five records of any object are searched for in a second', async (context) => {
    const arrivedAt: number[] = [];
    const server = await serve(context, (_request, response) => {
      arrivedAt.push(performance.now());
      json(response, { total: 0, results: [] });
    });
    const connection = connect(context, resolved(server.url, { name: 'hubspot', limits, objects }));
    const targets = [connection.target('contacts', 'email'), connection.target('companies', 'domain'), connection.target('deals', 'dealname')];
    await Promise.all([...targets, ...targets, ...targets, ...targets].map((target) => target.search(['x'])));
    const lastMs = (arrivedAt.at(-1) ?? 0) - (arrivedAt[0] ?? 0);
    assert.ok(lastMs > 1_700, `twelve searches came within ${lastMs} ms`);
  });

  it('created companies are told apart by their domain, as results need not carry trace ids', async (context) => {
    const one = (id: string, domain: string) => ({ id, properties: { domain }, archived: false });
    const { connection } = await hubspot(context, always(201, { status: 'COMPLETE', results: [one('2', 'b.test'), one('1', 'a.test')], ...TIMES }));
    const records = ['a.test', 'b.test'].map((domain) => ({ fields: { domain }, match: domain }));
    assert.deepEqual(await send(connection.target('companies', 'domain'), 'create', records), {
      answer: 'results',
      results: [
        { outcome: 'written', targetId: '1' },
        { outcome: 'written', targetId: '2' },
      ],
    });
  });

  it('a deleted contact is written, and has a link while it is there', async (context) => {
    const { server, connection } = await hubspot(context, (_request, response) => {
      response.writeHead(204).end();
    });
    const target = connection.target('contacts', 'email');
    assert.deepEqual(await send(target, 'delete', [ADA]), { answer: 'results', results: [{ outcome: 'written' }] });
    assert.equal(`${server.received[0]?.method} ${server.received[0]?.url}`, 'DELETE /crm/v3/objects/contacts/71');
    assert.equal(target.webUrl('71'), 'https://app.hubspot.com/l/contacts/record/0-1/71');
  });
});

describe('HubSpot refuses', () => {
  it('for a day: the quota is spent', async (context) => {
    const body = { status: 'error', message: 'You have reached your daily limit.', errorType: 'RATE_LIMIT', policyName: 'DAILY' };
    const { connection } = await hubspot(context, always(429, body));
    await assert.rejects(send(connection.target('contacts', 'email'), 'upsert', [ADA]), { code: 'QUOTA_SPENT' });
  });

  it('for a moment: a lock is waited for', async (context) => {
    const { connection } = await hubspot(context, always(423, { status: 'error', message: 'locked' }));
    await assert.rejects(send(connection.target('contacts', 'email'), 'upsert', [ADA]), { code: 'RATE_LIMITED', retry: { afterMs: 2_000 } });
  });

  it('for a migration: as long as it says', async (context) => {
    const { connection } = await hubspot(context, always(477, { status: 'error', message: 'migration' }, { 'retry-after': '3600' }));
    await assert.rejects(send(connection.target('contacts', 'email'), 'upsert', [ADA]), { code: 'RATE_LIMITED', retry: { afterMs: 3_600_000 } });
  });

  it('for want of scopes, which are named', async (context) => {
    const body = {
      status: 'error',
      message: "This app hasn't been granted all required scopes to make this call.",
      category: 'MISSING_SCOPES',
      errors: [{ message: 'One or more of the following scopes are required.', context: { requiredGranularScopes: ['crm.objects.contacts.write'] } }],
    };
    const { connection } = await hubspot(context, always(403, body));
    await assert.rejects(send(connection.target('contacts', 'email'), 'upsert', [ADA]), {
      code: 'CREDENTIALS_REJECTED',
      message: /crm\.objects\.contacts\.write/,
    });
  });

  it('a probe with a bad token', async (context) => {
    const { server, connection } = await hubspot(
      context,
      always(401, { status: 'error', message: 'Authentication credentials not found.', category: 'INVALID_AUTHENTICATION' }),
    );
    await assert.rejects(connection.probe(), { code: 'CREDENTIALS_REJECTED' });
    assert.equal(server.received[0]?.url, '/crm/v3/owners?limit=1');
  });

  it('a whole batch, in its own words', async (context) => {
    const body = { status: 'error', message: 'Property "foo" does not exist', category: 'VALIDATION_ERROR', correlationId: 'c' };
    const { connection } = await hubspot(context, always(400, body));
    assert.deepEqual(await send(connection.target('contacts', 'email'), 'upsert', [ADA, BOB]), {
      answer: 'refused',
      rejection: { reason: 'api-rejected', message: 'Property "foo" does not exist', apiCode: 'VALIDATION_ERROR', retry: 'never' },
    });
  });
});

describe('HubSpot tells its properties', () => {
  it('with types, options and what cannot be written; an owner is a reference, and a checkbox no closed list', async (context) => {
    const property = (name: string, more: object = {}) => ({
      name,
      label: name,
      type: 'string',
      fieldType: 'text',
      options: [],
      hidden: false,
      modificationMetadata: { archivable: true, readOnlyDefinition: true, readOnlyValue: false },
      ...more,
    });
    const options = [{ label: 'A', value: 'a', displayOrder: 0, hidden: false }];
    const results = [
      property('email'),
      property('phone', { fieldType: 'phonenumber' }),
      property('stage', { type: 'enumeration', fieldType: 'select', options }),
      property('topics', { type: 'enumeration', fieldType: 'checkbox', options }),
      property('is_vip', { type: 'bool', fieldType: 'booleancheckbox' }),
      property('hubspot_owner_id', { type: 'enumeration', fieldType: 'select', externalOptions: true, referencedObjectType: 'OWNER' }),
      property('createdate', { type: 'datetime', fieldType: 'date', modificationMetadata: { readOnlyValue: true } }),
      property('score', { type: 'number', fieldType: 'calculation_equation', calculated: true }),
    ];
    const { server, connection } = await hubspot(context, always(200, { results }));
    const discovered = await connection.discover?.fields('companies');
    assert.equal(server.received[0]?.url, '/crm/v3/properties/companies');
    assert.equal(discovered?.origin, 'metadata');
    assert.deepEqual(
      discovered?.facts.map(({ name, type, isReadOnly, values }) => [name, type, isReadOnly, values]),
      [
        ['id', undefined, true, undefined],
        ['email', 'email', false, undefined],
        ['phone', 'phone', false, undefined],
        ['stage', 'enum', false, ['a']],
        ['topics', 'string', false, undefined],
        ['is_vip', 'boolean', false, undefined],
        ['hubspot_owner_id', 'reference', false, undefined],
        ['createdate', 'datetime', true, undefined],
        ['score', 'number', true, undefined],
      ],
    );
  });
});
