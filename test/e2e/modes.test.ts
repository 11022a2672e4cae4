import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { Stack } from '../support/stack.ts';

const SYNC = 'contacts-to-hubspot';
const crmContactSchema = z.object({ email_address: z.string() });
const contactsSchema = z.object({ results: z.array(z.object({ properties: z.object({ company: z.string() }) })) });
const CONTACTS = '/crm/v3/objects/contacts';

/** An example project in one mode, its HubSpot holding the contacts of some CRM contacts already, made by other hands. */
async function begin(context: TestContext, mode: string, known: readonly string[]) {
  const stack = await Stack.start(['--contacts', '40', '--bad-percent', '0']);
  context.after(() => stack.stop());
  stack.project.edit(`syncs/${SYNC}.yaml`, (text) => text.replace('matchOn: email', `matchOn: email\n  mode: ${mode}`));
  for (const key of known) {
    const answer = await fetch(`${stack.crm}/v2/contacts/${key}`, { headers: { authorization: 'Bearer crm-dev-token' } });
    const { email_address: email } = crmContactSchema.parse(await answer.json());
    await hubspot(stack, CONTACTS, { properties: { email: email.trim().toLowerCase(), company: 'Theirs' } });
  }
  await stack.project.startWorker();
  const run = async () => {
    const { stdout, stderr } = await stack.project.cli('run', SYNC, '--yes');
    return stdout + stderr;
  };
  return { stack, run };
}

async function hubspot(stack: Stack, path: string, body?: unknown): Promise<unknown> {
  const headers = { authorization: 'Bearer hubspot-dev-token', 'content-type': 'application/json' };
  const answer = await fetch(`${stack.hubspot}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

async function companies(stack: Stack): Promise<readonly string[]> {
  const { results } = contactsSchema.parse(await hubspot(stack, `${CONTACTS}?limit=100&properties=company`));
  return results.map((contact) => contact.properties.company);
}

describe('modes of a sync', { concurrency: 3 }, () => {
  it('insert creates what is not there, and never touches what is', async (context) => {
    const { stack, run } = await begin(context, 'insert', ['3', '4']);
    const first = await run();
    assert.match(first, /created\s+38\b/, first);
    assert.match(first, /skipped\s+2\b/);
    assert.equal((await companies(stack)).filter((company) => company === 'Theirs').length, 2);
    await stack.changeContact('5', { company: 'Renamed' });
    const { writes } = await stack.hubspotState();
    const second = await run();
    assert.match(second, /skipped\s+3\b/, second);
    assert.equal((await stack.hubspotState()).writes, writes);
    assert.match((await stack.project.cli('records', SYNC, '--key', '3')).stdout, /the target has it already: left as it is/);
  });

  it('update changes what is there, and creates nothing', async (context) => {
    const { stack, run } = await begin(context, 'update', ['3', '4']);
    const first = await run();
    assert.match(first, /updated\s+2\b/, first);
    assert.match(first, /skipped\s+38\b/);
    assert.equal((await stack.hubspotState()).counts['contacts'], 2);
    assert.deepEqual(
      (await companies(stack)).filter((company) => company === 'Theirs'),
      [],
    );
    assert.match(await run(), /unchanged\s+2\b/);
  });
});
