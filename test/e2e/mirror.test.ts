import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { json, serve } from '../http/local-server.ts';
import { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const SYNC = 'contacts-to-hubspot';
const CONTACTS = '/crm/v3/objects/contacts';
const pageSchema = z.object({ results: z.array(z.object({ properties: z.record(z.string(), z.string().nullable()) })) });

interface Setting {
  readonly mode?: string;
  readonly more?: string;
  readonly people?: number;
  /** Where alerts go. */
  readonly hook?: string;
}

/** The example project in a mode that takes away, run once. */
async function begin(context: TestContext, { mode = 'mirror', more = '', people = 60, hook }: Setting) {
  const stack = await Stack.start(['--contacts', String(people), '--bad-percent', '0']);
  context.after(() => stack.stop());
  stack.project.edit(`syncs/${SYNC}.yaml`, (text) => `${text.replace('matchOn: email', `matchOn: email\n  mode: ${mode}`)}${more}`);
  if (hook !== undefined) {
    stack.project.env['OPS_URL'] = hook;
    stack.project.edit('syncline.yaml', (text) => `${text}\nchannels: { ops: { type: webhook, url: "\${secret:OPS_URL}" } }\n`);
  }
  await stack.project.startWorker();
  const run = async () => {
    const { code, stdout, stderr } = await stack.project.cli('run', SYNC, '--yes');
    return { code, text: stdout + stderr };
  };
  const first = await run();
  assert.equal(first.code, 0, first.text);
  return { stack, run };
}

async function inHubspot(stack: Stack): Promise<readonly Record<string, string | null>[]> {
  const headers = { authorization: 'Bearer hubspot-dev-token' };
  const answer = await fetch(`${stack.hubspot}${CONTACTS}?limit=100&properties=email,lifecyclestage`, { headers });
  return pageSchema.parse(await answer.json()).results.map(({ properties }) => properties);
}

async function firstNameOf(stack: Stack, email: string): Promise<string | null | undefined> {
  const headers = { authorization: 'Bearer hubspot-dev-token' };
  const answer = await fetch(`${stack.hubspot}${CONTACTS}?limit=100&properties=email,firstname`, { headers });
  return pageSchema.parse(await answer.json()).results.find(({ properties }) => properties['email'] === email)?.properties['firstname'];
}

describe('mirror', { concurrency: 3 }, () => {
  it('deletes what the source no longer has, leaves what others made, and creates anew what returns', async (context) => {
    const { stack, run } = await begin(context, {});
    await stack.askHubspot('POST', CONTACTS, { properties: { email: 'theirs@example.test' } });
    const gone = z.looseObject({ id: z.string(), email_address: z.string() }).parse(await stack.askCrm('GET', '/7'));
    await stack.askCrm('DELETE', '/7');
    await stack.askCrm('DELETE', '/8');
    const second = await run();
    assert.equal(second.code, 0, second.text);
    assert.match(second.text, /deleted\s+2\b/);
    assert.match(second.text, /books\s+closed/);
    assert.equal((await inHubspot(stack)).length, 59, 'sixty, less two, and theirs');
    const { id: _, updated_at: __, created_at: ___, ...contact } = gone;
    await stack.askCrm('POST', '', contact);
    const third = await run();
    assert.match(third.text, /created\s+1\b/, third.text);
    assert.doesNotMatch(third.text, /deleted/);
    const emails = (await inHubspot(stack)).map(({ email }) => email);
    assert.equal(emails.filter((email) => email === gone.email_address.trim().toLowerCase()).length, 1);
    assert.match((await stack.project.cli('records', SYNC, '--key', '8')).stdout, /now\s+deleted in the target/);
  });

  it('keeps what another record of the source is the same one in the target as, and tells that one again', async (context) => {
    const { stack, run } = await begin(context, { people: 20 });
    const {
      id: _,
      updated_at: __,
      created_at: ___,
      ...older
    } = z.looseObject({ email_address: z.string(), first_name: z.string() }).parse(await stack.askCrm('GET', '/7'));
    const newer = z.looseObject({ id: z.coerce.string() }).parse(await stack.askCrm('POST', '', { ...older, first_name: 'Twin' }));
    assert.equal((await run()).code, 0);
    // The older one is told last.
    await stack.changeContact('7', { first_name: 'Changed' });
    assert.equal((await run()).code, 0);
    const email = older.email_address.trim().toLowerCase();
    assert.equal(await firstNameOf(stack, email), 'Changed');
    // As when duplicates are merged in a CRM: one goes, the other stays.
    await stack.askCrm('DELETE', '/7');
    const plan = await stack.project.cli('plan', SYNC);
    assert.match(plan.stdout, /1 record gone would be kept in the target: another record of the source is the same one there/, plan.stdout + plan.stderr);
    assert.doesNotMatch(plan.stdout, /to delete\s+[1-9]/);
    const merged = await run();
    assert.equal(merged.code, 0, merged.text);
    assert.match(merged.text, /1 record gone, and kept in the target: another record of the source is the same one there/);
    assert.match(merged.text, /books\s+closed/);
    assert.equal((await inHubspot(stack)).length, 20);
    assert.equal(await firstNameOf(stack, email), 'Twin');
    assert.match((await stack.project.cli('records', SYNC, '--key', '7')).stdout, /now\s+kept in the target: key \d+ of the source is the same record there/);
    const { writes } = await stack.hubspotState();
    assert.equal((await run()).code, 0);
    assert.equal((await stack.hubspotState()).writes, writes, 'nothing is left to say');
    await stack.askCrm('DELETE', `/${newer.id}`);
    assert.match((await run()).text, /deleted\s+1\b/, 'it is the other one’s alone now');
  });

  it('asks before it deletes more than the guard allows, and says so at once: denied, all is kept; approved, it goes', async (context) => {
    const receiver = await serve(context, (_, response) => json(response, {}));
    const { stack, run } = await begin(context, { more: 'alerts: [{ on: deletes-waiting, notify: [ops] }]\n', hook: receiver.url });
    for (const key of ['1', '2', '3', '4', '5']) await stack.askCrm('DELETE', `/${key}`);
    const asked = await run();
    assert.equal(asked.code, 7, asked.text);
    assert.match(asked.text, /5 records of 60 gone from the source/);
    await until('the alert', () => receiver.received.length > 0);
    assert.match(receiver.received[0]?.body ?? '', /Its run waits for somebody to decide about 5 deletes \(syncline deletes approve or deny r_/);
    const list = await stack.project.cli('deletes', 'list', 'last');
    assert.equal(list.code, 7, list.stderr);
    assert.match(list.stdout, /^\s*5\b/m);
    assert.equal((await inHubspot(stack)).length, 60);
    const denied = await stack.project.cli('deletes', 'deny', 'last', '--yes');
    assert.equal(denied.code, 0, denied.stderr);
    const hasEnded = () => until('the decided run to end', async () => !/running/.test((await stack.project.cli('show', 'last')).stdout));
    await hasEnded();
    assert.match((await stack.project.cli('deletes', 'list', 'last')).stdout, /5 records had gone from the source, .*: somebody decided to keep them/);
    const again = await run();
    assert.equal(again.code, 7, 'they are still gone, and the next run asks anew');
    assert.match((await stack.project.cli('runs', SYNC)).stdout, /rejections/);
    // One returns while the person thinks.
    await stack.askCrm('DELETE', '/6');
    const approved = await stack.project.cli('deletes', 'approve', 'last', '--yes');
    assert.equal(approved.code, 0, approved.stderr);
    await hasEnded();
    assert.match((await stack.project.cli('show', 'last')).stdout, /deleted\s+5\b/);
    const told = await stack.project.cli('deletes', 'list', 'last');
    assert.equal(told.code, 0, told.stderr);
    assert.match(told.stdout, /5 records had gone from the source, of 60 that the target was told of: 5 deleted/);
    const refused = await stack.project.cli('deletes', 'deny', 'last', '--yes');
    assert.equal(refused.code, 2);
    const after = await run();
    assert.equal(after.code, 0, after.text);
    assert.equal((await inHubspot(stack)).length, 54);
  });

  it('deletes nothing where the source is suddenly empty', async (context) => {
    const { stack, run } = await begin(context, { more: 'guard: { maxDeletedPercent: 100 }\n', people: 20 });
    stack.project.edit('connections/crm.yaml', (text) => text.replace('records: data', 'records: "[data[id = \'none\']]"').replace(', total: meta.total', ''));
    const empty = await run();
    assert.equal((await inHubspot(stack)).length, 20, empty.text);
    assert.match(empty.text, /without a single record, and 20 were sent/);
  });

  it('deletes nothing where a read ends half-way, after an outage, or by a filter with a mistake; each says why', async (context) => {
    const { stack, run } = await begin(context, { people: 150 });
    const count = async () => (await stack.hubspotState()).counts['contacts'];
    stack.project.edit('connections/crm.yaml', (text) => text.replace('param: cursor', 'param: nobody_reads_it'));
    const halfWay = await run();
    assert.deepEqual([halfWay.code, await count()], [1, 150], halfWay.text);
    assert.match(halfWay.text, /CONTRACT_BROKEN/);
    stack.project.edit('connections/crm.yaml', (text) => text.replace('param: nobody_reads_it', 'param: cursor'));
    await stack.setFaults('crm', { isDown: true });
    const down = await run();
    assert.deepEqual([down.code, await count()], [5, 150], down.text);
    assert.match(down.text, /crm answered 503/);
    await stack.setFaults('crm', { isDown: false });
    const back = await run();
    assert.deepEqual([back.code, await count()], [0, 150], back.text);
    assert.match(back.text, /unchanged\s+150\b/);
    stack.project.edit(`syncs/${SYNC}.yaml`, (text) => text.replace('  object: contacts\ntarget', '  object: contacts\n  filter: "status = \'wno\'"\ntarget'));
    const filtered = await run();
    assert.deepEqual([filtered.code, await count()], [7, 150], filtered.text);
    assert.match(filtered.text, /150 records of 150 gone from the source, more than the guard lets it delete/);
    assert.equal((await stack.project.cli('deletes', 'deny', 'last', '--yes')).code, 0);
    assert.equal(await count(), 150);
  });

  it('deletes nothing that a list left out and the source still has', async (context) => {
    const { stack, run } = await begin(context, { more: 'guard: { maxDeletedPercent: 100 }\n', people: 20 });
    stack.project.edit('connections/crm.yaml', (text) => text.replace('records: data', 'records: "data[id != \'3\']"').replace(', total: meta.total', ''));
    const { text } = await run();
    assert.match(text, /read\s+19\b/, text);
    assert.equal((await inHubspot(stack)).length, 20);
  });

  it('without a way to ask for one record waits for a second complete read', async (context) => {
    const { stack, run } = await begin(context, {});
    stack.project.edit('connections/crm.yaml', (text) => text.replace(/\n {4}get: \{.*\}/, ''));
    await run();
    await stack.askCrm('DELETE', '/7');
    const once = await run();
    assert.match(once.text, /1 record not found once/, once.text);
    assert.equal((await inHubspot(stack)).length, 60);
    const twice = await run();
    assert.match(twice.text, /deleted\s+1\b/, twice.text);
    assert.equal((await inHubspot(stack)).length, 59);
  });

  it('takes away what the filter leaves out, and what the source keeps as deleted', async (context) => {
    const { stack, run } = await begin(context, { more: 'guard: { maxDeletedPercent: 100 }\n', people: 30 });
    stack.project.edit(`syncs/${SYNC}.yaml`, (text) =>
      text.replace('  object: contacts\ntarget', '  object: contacts\n  filter: "id != \'4\'"\n  deletes: { tombstone: "company = \'Gone\'" }\ntarget'),
    );
    await stack.changeContact('5', { company: 'Gone' });
    const { code, text } = await run();
    assert.equal(code, 0, text);
    assert.match(text, /skipped\s+2\b/);
    assert.match(text, /deleted\s+2\b/);
    assert.equal((await inHubspot(stack)).length, 28);
  });
});

describe('mirror, by what the source tells as deleted', { concurrency: 3 }, () => {
  const INCREMENTAL = '  incremental: { cursorField: updated_at }\n  deletes: { endpoint: deleted }\n';

  it('deletes with an incremental read, leaves what is back by then, and plans just that', async (context) => {
    const { stack, run } = await begin(context, { more: 'guard: { maxDeletedPercent: 50 }\n' });
    stack.project.edit('connections/crm.yaml', (text) =>
      text.replace(
        '    get: { get:',
        `    deleted:
      get: /v2/contacts/deleted
      query: { deleted_after: { value: "{window.from}", optional: true } }
      records: data
      page: { type: cursor, cursor: meta.next_cursor, param: cursor }
    get: { get:`,
      ),
    );
    stack.project.edit(`syncs/${SYNC}.yaml`, (text) => text.replace('  object: contacts\ntarget', `  object: contacts\n${INCREMENTAL}target`));
    const first = await run();
    assert.equal(first.code, 0, first.text);
    for (const key of ['7', '8', '9']) await stack.askCrm('DELETE', `/${key}`);
    await stack.askCrm('POST', '/9/restore');
    await stack.changeContact('20', { company: 'Changed' });
    const plan = await stack.project.cli('plan', SYNC);
    assert.match(plan.stdout, /to delete\s+2\b/, plan.stdout + plan.stderr);
    const second = await run();
    assert.equal(second.code, 0, second.text);
    assert.match(second.text, /deleted\s+2\b/);
    assert.match(second.text, /updated\s+1\b/);
    assert.equal((await inHubspot(stack)).length, 58);
    const third = await run();
    assert.equal(third.code, 0, third.text);
    assert.doesNotMatch(third.text, /deleted\s+\d/, 'what is no longer there is not deleted again');
    await stack.askCrm('POST', '/7/restore');
    assert.match((await run()).text, /created\s+1\b/);
    assert.equal((await inHubspot(stack)).length, 59);
  });

  it('asks the source once more for each: what the endpoint tells too early or too late is kept', async (context) => {
    const { stack, run } = await begin(context, { more: 'guard: { maxDeletedPercent: 50 }\n' });
    // An endpoint that tells of every record: none of them has gone.
    stack.project.edit('connections/crm.yaml', (text) => text.replace('    get: { get:', '    deleted: { get: /v2/contacts, records: data }\n    get: { get:'));
    stack.project.edit(`syncs/${SYNC}.yaml`, (text) => text.replace('  object: contacts\ntarget', `  object: contacts\n${INCREMENTAL}target`));
    assert.equal((await run()).code, 0);
    const second = await run();
    assert.equal(second.code, 0, second.text);
    assert.doesNotMatch(second.text, /deleted\s+\d/);
    assert.equal((await inHubspot(stack)).length, 60);
  });

  it('reads everything where the endpoint tells of deletes for a shorter time than the source was not read', async (context) => {
    const { stack, run } = await begin(context, { more: 'guard: { maxDeletedPercent: 50 }\n' });
    const deleted = 'deleted: { get: "/v2/contacts/deleted?deleted_after=2099-01-01T00:00:00Z", records: data, keeps: 2s }';
    stack.project.edit('connections/crm.yaml', (text) => text.replace('    get: { get:', `    ${deleted}\n    get: { get:`));
    stack.project.edit(`syncs/${SYNC}.yaml`, (text) => text.replace('  object: contacts\ntarget', `  object: contacts\n${INCREMENTAL}target`));
    assert.equal((await run()).code, 0);
    await stack.askCrm('DELETE', '/7');
    await sleep(2_000);
    const plan = await stack.project.cli('plan', SYNC);
    assert.match(plan.stdout, /to delete\s+1\b[\s\S]*crm keeps changes or deletes for a shorter time than it was not read/, plan.stdout + plan.stderr);
    const { code, text } = await run();
    assert.equal(code, 0, text);
    assert.match(text, /deleted\s+1\b/);
    assert.equal((await inHubspot(stack)).length, 59);
  });
});

describe('archive', { concurrency: 3 }, () => {
  it('changes what has gone, once, and changes it back when it returns', async (context) => {
    const { stack, run } = await begin(context, { mode: '{ archive: { set: { lifecyclestage: other } } }' });
    stack.project.edit(`syncs/${SYNC}.yaml`, (text) =>
      text.replace('  object: contacts\ntarget', '  object: contacts\n  filter: "company != \'Gone\'"\ntarget'),
    );
    const before = z.looseObject({ company: z.string() }).parse(await stack.askCrm('GET', '/9'));
    const others = async () => (await inHubspot(stack)).filter(({ lifecyclestage }) => lifecyclestage === 'other').length;
    await stack.changeContact('9', { company: 'Gone' });
    const second = await run();
    assert.match(second.text, /archived\s+1\b/, second.text);
    assert.equal(await others(), 1);
    const { writes } = await stack.hubspotState();
    const third = await run();
    assert.equal((await stack.hubspotState()).writes, writes, third.text);
    await stack.changeContact('9', { company: before.company });
    const fourth = await run();
    assert.match(fourth.text, /updated\s+1\b/, fourth.text);
    assert.equal(await others(), 0);
  });
});
