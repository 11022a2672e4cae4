import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { openConnections } from '../../connectors/open-connections.ts';
import type { OutgoingRecord, Page, Source, Target } from '../../connectors/ports.ts';
import { loadProject } from '../../definition/load-project.ts';
import { resolveSync } from '../../definition/resolve-sync.ts';
import { SyncError } from '../../engine/errors.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import { makeFolder } from '../definition/make-project.ts';
import { SalesforceOrg } from './salesforce/org.ts';

/** A project that reads `object` of an org, and writes it with the rest of its definition as given. */
async function opened(context: TestContext, object = 'Contact', matchOn = 'External_Id__c') {
  const org = await SalesforceOrg.start(context);
  const directory = makeFolder(context, {
    'syncline.yaml': 'name: acme\n',
    'connections/org.yaml': `connector: salesforce\nshared: true\nbaseUrl: ${org.url}\nauth: { type: oauth2-client-credentials, tokenUrl: ${org.url}/services/oauth2/token, clientId: a, clientSecret: b }\n`,
    'syncs/back.yaml': `source: { connection: org, object: ${object}, primaryKey: Id, incremental: { cursorField: SystemModstamp } }\ntarget: { connection: org, object: ${object}, matchOn: ${matchOn} }\nmapping: { ${matchOn}: Name }\n`,
  });
  const definition = resolveSync(loadProject(directory, { env: {} }), 'back');
  const connections = openConnections({ resolveSecrets: (value) => value });
  context.after(() => connections.close());
  const connection = definition.connections['org'];
  assert.ok(connection);
  const open = connections.open('acme/dev/org', connection);
  return { org, source: open.source(object), target: open.target(object, matchOn), probe: () => open.probe(), discover: open.discover };
}

const contact = (match: string, fields: OutgoingRecord['fields'] = {}, targetId?: string): OutgoingRecord => ({
  match,
  fields: { External_Id__c: match, LastName: `of ${match}`, ...fields },
  ...(targetId === undefined ? {} : { targetId }),
});

async function send(target: Target, kind: ChangeKind, records: readonly OutgoingRecord[]) {
  const permit = await target.acquirePermit();
  return target.send({ id: 'b', kind, records, permit, checkBeforeDispatch: async () => undefined });
}

async function readAll(source: Source, from?: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for (let cursor: Page['next'] | null = null; cursor !== undefined; ) {
    const page: Page = await source.readPage({ window: from === undefined ? {} : { from }, cursor: cursor ?? undefined });
    keys.push(...page.records.map(({ fields }) => String(fields['LastName'])));
    cursor = page.next;
  }
  return keys;
}

it('Salesforce: collections are upserted, created, updated and deleted record by record, each refusal its own', async (context) => {
  const { org, target } = await opened(context);
  const first = await send(target, 'upsert', [contact('a'), contact('b', { Email: 'nobody' }), contact('c')]);
  assert.ok(first.answer === 'results');
  const [a, b, c] = first.results;
  assert.ok(a?.outcome === 'written' && a.created === true && c?.outcome === 'written');
  assert.ok(b?.outcome === 'rejected');
  assert.deepEqual([b.rejection.apiCode, b.rejection.message], ['INVALID_EMAIL_ADDRESS', 'Email: invalid email address: nobody']);
  const again = await send(target, 'upsert', [contact('a', { Title: 'Dr' })]);
  assert.deepEqual(again, { answer: 'results', results: [{ outcome: 'written', targetId: a.targetId, created: false }] });
  const updated = await send(target, 'update', [contact('a', { Title: null }, a.targetId), contact('z', {}, '003000000000000999')]);
  assert.ok(updated.answer === 'results');
  assert.deepEqual(
    updated.results.map(({ outcome }) => outcome),
    ['written', 'rejected'],
  );
  assert.equal(org.records.all('Contact').get(a.targetId ?? '')?.['Title'], null);
  const created = await send(target, 'create', [contact('d'), contact('e', { LastName: '' })]);
  assert.ok(created.answer === 'results' && created.results[1]?.outcome === 'rejected');
  assert.equal(created.results[1].rejection.apiCode, 'REQUIRED_FIELD_MISSING');
  const deleted = await send(target, 'delete', [contact('a', {}, a.targetId), contact('z', {}, '003000000000000999')]);
  assert.deepEqual(deleted, { answer: 'results', results: [{ outcome: 'written', targetId: a.targetId }, { outcome: 'written' }] });
  assert.deepEqual(
    [...org.records.all('Contact').values()].map((record) => record['External_Id__c']),
    ['c', 'd'],
  );
});

it('Salesforce: a list is read by SOQL, page by page, in the order of its changes, from a time on', async (context) => {
  const { org, source, probe } = await opened(context);
  await probe();
  const type = org.records.typeOf('Contact');
  assert.ok(type);
  for (let n = 0; n < 7; n++) org.records.create(type, { LastName: `P${n}` });
  org.pageSize = 3;
  assert.deepEqual(await readAll(source), ['P0', 'P1', 'P2', 'P3', 'P4', 'P5', 'P6']);
  const [, , , , , sixth] = [...org.records.all('Contact').values()];
  assert.deepEqual(await readAll(source, String(sixth?.['SystemModstamp'])), ['P5', 'P6']);
  const found = await source.readOne?.(String(sixth?.['Id']));
  assert.equal(found?.fields['LastName'], 'P5');
  const [first, second] = [...org.records.all('Contact').keys()];
  const before = await source.readDeleted?.({ window: {}, cursor: undefined });
  org.records.delete(type, first ?? '');
  org.records.delete(type, second ?? '');
  const [, last] = org.records.recycled;
  const gone = async (from?: string) => (await source.readDeleted?.({ window: from === undefined ? {} : { from }, cursor: undefined }))?.keys;
  assert.deepEqual([before?.keys, await gone(), await gone(String(last?.['SystemModstamp']))], [[], [first, second], [second]]);
});

it('Salesforce: custom fields are read by the names that the org tells, which it is asked for once', async (context) => {
  const { org, source, target } = await opened(context);
  const type = org.records.typeOf('Contact');
  assert.ok(type);
  for (const n of [1, 2, 3]) org.records.create(type, { LastName: `P${n}`, External_Id__c: `x${n}` });
  org.pageSize = 2;
  const page = await source.readPage({ window: {}, cursor: undefined });
  const next = await source.readPage({ window: {}, cursor: page.next });
  assert.deepEqual(
    [...page.records, ...next.records].map(({ fields }) => fields['External_Id__c']),
    ['x1', 'x2', 'x3'],
  );
  assert.equal((await source.readOne?.(page.records[0]?.key ?? ''))?.fields['External_Id__c'], 'x1');
  assert.equal((await target.search(['x2'])).get('x2')?.[0]?.fields['External_Id__c'], 'x2');
  assert.equal(org.received.filter((request) => request.endsWith('/describe')).length, 1);
});

it('Salesforce: an account that is a person shows the custom fields of its contact', async (context) => {
  const { org, source, target } = await opened(context, 'Account');
  const type = org.records.typeOf('Account');
  assert.ok(type);
  org.records.create(type, { Name: 'Ada', External_Id__c: 'x1', Tier__pc: 'gold' });
  const [record] = (await source.readPage({ window: {}, cursor: undefined })).records;
  assert.equal(record?.fields['Tier__pc'], 'gold');
  assert.equal((await source.readOne?.(record.key))?.fields['Tier__pc'], 'gold');
  assert.equal((await target.search(['x1'])).get('x1')?.[0]?.fields['Tier__pc'], 'gold');
});

it('Salesforce: records are searched by any field, also values with quotes and backslashes', async (context) => {
  const { org, target } = await opened(context);
  const values = ["O'Hara", 'back\\slash', 'plain'];
  const type = org.records.typeOf('Contact');
  assert.ok(type);
  for (const value of values) org.records.create(type, { LastName: 'x', External_Id__c: value });
  const found = await target.search([...values, 'unknown']);
  assert.deepEqual([...found.keys()].toSorted(), values.toSorted());
});

it('Salesforce: any object goes by its API name, a custom one too', async (context) => {
  const { org, target } = await opened(context, 'Invoice__c', 'Number__c');
  const answer = await send(target, 'upsert', [{ match: '7', fields: { Number__c: '7', Amount__c: 3 } }]);
  assert.ok(answer.answer === 'results' && answer.results[0]?.outcome === 'written');
  assert.equal([...org.records.all('Invoice__c').values()][0]?.['Amount__c'], 3);
});

it('Salesforce: what its errors mean for a run', async (context) => {
  const { org, source } = await opened(context);
  await source.readPage({ window: {}, cursor: undefined });
  const codeOf = async (work: Promise<unknown>) => {
    const error: unknown = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof SyncError);
    return [error.code, error.retry] as const;
  };
  // A session that has ended is begun anew; one that is refused again says so.
  org.token = 'session-2';
  await source.readPage({ window: {}, cursor: undefined });
  org.admit = ({ url }) =>
    url.includes('/query') ? { status: 401, body: [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }] } : undefined;
  assert.deepEqual((await codeOf(source.readPage({ window: {}, cursor: undefined })))[0], 'CREDENTIALS_REJECTED');
  org.admit = ({ url }) =>
    url.includes('/query') ? { status: 400, body: [{ errorCode: 'INVALID_QUERY_LOCATOR', message: 'invalid query locator' }] } : undefined;
  assert.deepEqual((await codeOf(source.readPage({ window: {}, cursor: undefined })))[0], 'CURSOR_EXPIRED');
  org.admit = () => undefined;
  org.dailyLimit = org.calls;
  const [spent, wait] = await codeOf(source.readPage({ window: {}, cursor: undefined }));
  assert.equal(spent, 'QUOTA_SPENT');
  assert.ok(typeof wait === 'object' && wait.afterMs > 800_000 && wait.afterMs <= 900_000);
});

it('Salesforce: too many long requests at once are no spent day', async (context) => {
  const { org, target } = await opened(context);
  const busy = { errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.' };
  org.admit = ({ url }) => (url.includes('/composite/') ? { status: 403, body: [busy] } : undefined);
  await assert.rejects(send(target, 'create', [contact('x9')]), { code: 'SYSTEM_UNAVAILABLE', retry: { afterMs: 20_000 } });
});

it('Salesforce: its objects are told by their names, and the fields of each by its description', async (context) => {
  const { discover } = await opened(context, 'Account');
  assert.deepEqual(await discover?.objects(), ['Account', 'Contact', 'Lead', 'Invoice__c']);
  const told = await discover?.fields('Account');
  assert.equal(told?.origin, 'metadata');
  const factsOf = (name: string) => told?.facts.find((facts) => facts.name === name);
  assert.deepEqual(factsOf('Industry'), { name: 'Industry', label: 'Industry', type: 'enum', isRequired: false, isReadOnly: false, values: ['Banking'] });
  assert.deepEqual([factsOf('Name')?.isRequired, factsOf('Id')?.isReadOnly, factsOf('Website')?.isRequired], [true, true, false]);
  assert.equal(
    (await discover?.fields('Invoice__c'))?.facts.some(({ name }) => name === 'Number__c'),
    true,
  );
});
