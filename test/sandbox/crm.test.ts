import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
before(async () => {
  sandbox = await Sandbox.start('--contacts', '2000', '--bad-percent', '5');
});
after(() => sandbox.stop());

interface Contact {
  readonly id: string;
  readonly email_address: string | null;
  readonly phone: string | null;
  readonly owner_email: string;
  readonly updated_at: string;
}

async function readAll(query = '', between: (page: number) => Promise<unknown> = async () => undefined): Promise<readonly Contact[]> {
  const contacts: Contact[] = [];
  let cursor = '';
  for (let page = 0; ; page++) {
    const { body } = await sandbox.crm(`/v2/contacts?limit=100${query}${cursor}`);
    contacts.push(...body.data);
    if (body.meta.next_cursor === null) return contacts;
    cursor = `&cursor=${body.meta.next_cursor}`;
    await between(page);
  }
}

test('all contacts are read by cursor, each once, in the order of their last change', async () => {
  const contacts = await readAll();
  assert.equal(new Set(contacts.map((contact) => contact.id)).size, 2000);
  assert.equal(contacts.length, 2000);
  const times = contacts.map((contact) => contact.updated_at);
  assert.deepEqual(times, times.toSorted());
  assert.ok(new Set(times).size < 2000, 'some change in the same instant');
});

test('the same seed gives the same contacts, another one others', async (context) => {
  const twin = await Sandbox.start('--contacts', '2000', '--bad-percent', '5');
  const other = await Sandbox.start('--contacts', '2000', '--bad-percent', '5', '--seed', '2');
  context.after(() => Promise.all([twin.stop(), other.stop()]));
  const records = async (of: Sandbox) => (await of.crm('/_sandbox/records')).body;
  const mine = await records(sandbox);
  assert.deepEqual(await records(twin), mine);
  assert.notDeepEqual(await records(other), mine);
});

test('some contacts are bad: e-mail missing, malformed, or of a domain that only the target refuses; some have odd phones and owners', async () => {
  const contacts = await readAll();
  const count = (matches: (contact: Contact) => boolean) => contacts.filter(matches).length;
  const bad = {
    missing: count((contact) => contact.email_address === null),
    malformed: count((contact) => contact.email_address !== null && !contact.email_address.includes('@')),
    blocked: count((contact) => contact.email_address?.endsWith('@blocked.test') === true),
  };
  assert.ok(bad.missing > 5 && bad.malformed > 5 && bad.blocked > 10, JSON.stringify(bad));
  const badTotal = bad.missing + bad.malformed + bad.blocked;
  assert.ok(badTotal > 60 && badTotal < 140, `5 % of 2,000 are about 100, not ${badTotal}`);
  assert.ok(count((contact) => contact.phone !== null && /[a-z]/.test(contact.phone)) > 0, 'phones that are none');
  assert.ok(count((contact) => contact.owner_email !== contact.owner_email.trim().toLowerCase()) > 0, 'owners with odd case and spaces');
  assert.ok(count((contact) => contact.owner_email.startsWith('someone.who.left@')) > 0, 'owners who left');
});

test('updated_after gives what changed since, in whatever form the time is written', async () => {
  const contacts = await readAll();
  const since = contacts[1000]?.updated_at ?? '';
  const expected = contacts.filter((contact) => contact.updated_at >= since).map((contact) => contact.id);
  assert.deepEqual(
    (await readAll(`&updated_after=${since}`)).map((contact) => contact.id),
    expected,
  );
  assert.deepEqual(
    (await readAll(`&updated_after=${encodeURIComponent(since.replace('.000Z', '+00:00'))}`)).map((contact) => contact.id),
    expected,
  );
  const { body } = await sandbox.crm(`/v2/contacts?updated_after=${since}`);
  assert.equal(body.meta.total, expected.length);
});

test('a contact that changes while the list is read comes again at the end, and none is left out', async () => {
  const read = await readAll('', (page) =>
    page === 3
      ? Promise.all([sandbox.crm('/v2/contacts/5', 'PATCH', { company: 'Early' }), sandbox.crm('/v2/contacts/1900', 'PATCH', { company: 'Late' })])
      : Promise.resolve(),
  );
  assert.equal(new Set(read.map((contact) => contact.id)).size, 2000);
  assert.deepEqual(
    read
      .slice(-2)
      .map((contact) => contact.id)
      .toSorted(),
    ['1900', '5'],
  );
});

test('a changed contact has a later time than any other; what is not a field is refused', async () => {
  const start = Date.now();
  const changed = await sandbox.crm('/v2/contacts/7', 'PATCH', { company: 'Renamed', phone: null });
  assert.equal(changed.status, 200);
  assert.equal(changed.body.company, 'Renamed');
  assert.ok(Date.parse(changed.body.updated_at) >= start);
  assert.deepEqual((await sandbox.crm('/v2/contacts/7')).body, changed.body);
  assert.equal((await sandbox.crm('/v2/contacts/7', 'PATCH', { nonsense: 'x' })).status, 400);
});

test('contacts can be made and deleted', async () => {
  const { body: template } = await sandbox.crm('/v2/contacts/8');
  const { id: _, created_at: __, updated_at: ___, ...fields } = template;
  const made = await sandbox.crm('/v2/contacts', 'POST', fields);
  assert.equal(made.status, 201);
  assert.equal(made.body.id, '2001');
  assert.equal((await sandbox.crm('/v2/contacts/2001', 'DELETE')).status, 204);
  assert.equal((await sandbox.crm('/v2/contacts/2001')).status, 404);
  assert.equal((await readAll()).length, 2000);
});

test('wrong tokens, cursors, limits and paths are refused', async () => {
  assert.equal((await fetch(`${sandbox.crmUrl}/v2/contacts`)).status, 401);
  assert.equal((await sandbox.crm('/v2/contacts?cursor=abc')).status, 400);
  assert.equal((await sandbox.crm('/v2/contacts?limit=none')).status, 400);
  assert.equal((await sandbox.crm('/v2/contacts?updated_after=yesterday')).status, 400);
  assert.equal((await sandbox.crm('/v2/elsewhere')).status, 404);
});
