import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it, type TestContext } from 'node:test';
import { z } from 'zod';
import { openConnections } from '../../connectors/open-connections.ts';
import type { Page, Source, SourceRecord } from '../../connectors/ports.ts';
import { readWhenDone } from '../../connectors/read-when-done.ts';
import { resolveSync } from '../../definition/resolve-sync.ts';
import { SalesforceOrg } from '../connectors/salesforce/org.ts';
import { linesOf, loadFiles } from '../definition/make-project.ts';
import { json, serve } from '../http/local-server.ts';

/** The files that docs/bulk.md shows, by the name in their first line. */
const FILES = Object.fromEntries(
  [...readFileSync(new URL('../../docs/bulk.md', import.meta.url), 'utf8').matchAll(/```yaml\n# (\S+)\n([\s\S]*?)```/g)].map(([, file = '', text = '']) => [
    file,
    text,
  ]),
);
const importSchema = z.object({ rows: z.array(z.object({ ref: z.string(), email: z.string(), name: z.string() })) });
const CONTACTS = 2_500;

/** An importer as the page describes one: it refuses who is called Nobody. */
async function importer(context: TestContext) {
  const imports: z.output<typeof importSchema>['rows'][] = [];
  const looks = new Map<number, number>();
  const { url } = await serve(context, ({ method, url: path, body }, response) => {
    const [, , , id = '', what] = path.split('/');
    if (method === 'POST') return json(response, { import: { id: imports.push(importSchema.parse(JSON.parse(body)).rows) } });
    const rows = imports[Number(id) - 1] ?? [];
    if (what === 'rows')
      return json(response, { rows: rows.map(({ ref, email, name }) => (name === 'Nobody' ? { ref, status: 422, error: 'nobody' } : { ref, id: email })) });
    looks.set(Number(id), (looks.get(Number(id)) ?? 0) + 1);
    return json(response, { import: { id, state: (looks.get(Number(id)) ?? 0) > 1 ? 'finished' : 'working' } });
  });
  return { url, imports };
}

/** An importer that takes a file in a form, and lists what it refused on pages of one. */
async function leadsService(context: TestContext) {
  const saved = new Map<string, string>();
  const refused: string[] = [];
  const { url } = await serve(context, ({ method, url: path, body, headers }, response) => {
    const { searchParams, pathname } = new URL(path, 'http://leads');
    if (method === 'POST') {
      assert.match(headers['content-type'] ?? '', /^multipart\/form-data; boundary=/);
      assert.match(body, /name="request"\r\n\r\n\{"name":"Syncline b","columns":\["email","name"\]\}\r\n[\s\S]*name="upload"; filename="leads.csv"/);
      for (const [, email = '', name = ''] of body.matchAll(/^(p\d+@x\.test),(.*)$/gm))
        name === 'Nobody' || email === 'p8@x.test' ? refused.push(email) : saved.set(email, name);
      return json(response, { id: 'i-1' });
    }
    if (pathname.endsWith('/leads'))
      return json(response, { leads: (searchParams.get('emails') ?? '').split(',').map((email) => ({ id: `L-${email}`, email })) });
    if (!pathname.endsWith('/imports/i-1/errors')) return json(response, { state: 'finished', rows: saved.size + refused.length, saved: saved.size });
    const after = Number(searchParams.get('after') ?? 0);
    const next = after + 1 < refused.length ? { next: after + 1 } : {};
    return json(response, { errors: refused.slice(after, after + 1).map((email) => ({ email, message: 'nobody' })), ...next });
  });
  return { url, saved };
}

/** Every record of a source, waiting for what is not done. */
async function readAll(source: Source): Promise<readonly SourceRecord[]> {
  const records: SourceRecord[] = [];
  for (let cursor: Page['next'] | null = null; cursor !== undefined; ) {
    const page: Page = await readWhenDone(source, { window: {}, cursor: cursor ?? undefined });
    records.push(...page.records);
    cursor = page.next;
  }
  return records;
}

it('the examples of docs/bulk.md are right: an export is read, and written by a job that tells of each record', async (context) => {
  const org = await SalesforceOrg.start(context);
  const mailing = await importer(context);
  const type = org.records.typeOf('Contact');
  assert.ok(type);
  for (let n = 0; n < CONTACTS; n++) org.records.create(type, { LastName: n === 7 ? 'Nobody' : `P ${n}`, Email: `p${n}@x.test`, External_Id__c: `x${n}` });
  // Larger sets of results than this the org does not give, whatever is asked for.
  org.exports.maxRecords = 1_000;
  const env = { SALESFORCE_CLIENT_ID: 'syncline', SALESFORCE_CLIENT_SECRET: 'a', MAILING_TOKEN: 'b', LEADS_TOKEN: 'c' };
  const leads = await leadsService(context);
  const project = loadFiles(context, { 'syncline.yaml': 'name: acme\n', ...filesAt(org.url, mailing.url, leads.url) }, { env });
  assert.deepEqual(linesOf(project), []);
  const { connections: found, sync } = resolveSync(project, 'contacts-to-mailing');
  const { connections: ofLeads } = resolveSync(project, 'contacts-to-leads');
  const connections = openConnections({ resolveSecrets: (value) => value });
  context.after(() => connections.close());
  const open = (name: string) => {
    const connection = found[name] ?? ofLeads[name];
    assert.ok(connection);
    return connections.open(`acme/dev/${name}`, connection);
  };

  const records = await readAll(open('salesforce').source(sync.source.object));
  assert.deepEqual([records.length, org.exports.jobs.size, org.exports.downloads], [CONTACTS, 1, 3]);
  assert.deepEqual([org.exports.deleted, org.exports.aborted], [[...org.exports.jobs.keys()], []]);

  const target = open('mailing').target(sync.target.object, sync.target.matchOn);
  const outgoing = records.map(({ fields }) => ({
    match: String(fields['Email']),
    fields: { email: fields['Email'] ?? null, name: fields['LastName'] ?? null },
  }));
  const jobs = target.jobs?.upsert;
  assert.ok(jobs);
  const permit = await target.acquirePermit();
  const created = await jobs.create({ id: 'b', kind: 'upsert', records: outgoing, permit, checkBeforeDispatch: async () => undefined });
  assert.ok(created.answer === 'created' && created.upload === undefined);
  assert.deepEqual([(await jobs.look(created.job, {})).state, (await jobs.look(created.job, {})).state], ['running', 'done']);
  const results = await jobs.readResults(created.job, outgoing, {});
  assert.equal(results.filter(({ outcome }) => outcome === 'written').length, CONTACTS - 1);
  const refused = results[outgoing.findIndex(({ fields }) => fields.name === 'Nobody')];
  assert.ok(refused?.outcome === 'rejected');
  assert.deepEqual([refused.rejection.message, mailing.imports.map((rows) => rows.length)], ['nobody', [CONTACTS]]);

  const leadTarget = open('leads').target('leads', 'email');
  const imports = leadTarget.jobs?.upsert;
  assert.ok(imports);
  const made = await imports.create({
    id: 'b',
    kind: 'upsert',
    records: outgoing,
    permit: await leadTarget.acquirePermit(),
    checkBeforeDispatch: async () => undefined,
  });
  assert.ok(made.answer === 'created');
  assert.deepEqual(await imports.look(made.job, {}), { state: 'done' });
  const told = await imports.readResults(made.job, outgoing, {});
  const [first] = outgoing;
  assert.deepEqual(told[0], { outcome: 'written', targetId: `L-${first?.match}` });
  assert.deepEqual(
    [told.filter(({ outcome }) => outcome === 'written').length, told.filter(({ outcome }) => outcome === 'rejected').length],
    [leads.saved.size, 2],
  );
});

function filesAt(salesforce: string, mailing: string, leads: string): Readonly<Record<string, string>> {
  const at = (text: string) =>
    text.replaceAll('https://acme.my.salesforce.com', salesforce).replaceAll('https://mailing.acme.test', mailing).replaceAll('https://leads.acme.test', leads);
  assert.deepEqual(Object.keys(FILES), ['connections/salesforce.yaml', 'connections/mailing.yaml', 'syncs/contacts-to-mailing.yaml', 'connections/leads.yaml']);
  const files = {
    ...FILES,
    'syncs/contacts-to-leads.yaml': FILES['syncs/contacts-to-mailing.yaml']?.replace('mailing, object: subscribers', 'leads, object: leads') ?? '',
  };
  return Object.fromEntries(Object.entries(files).map(([file, text]) => [file, at(text)]));
}
