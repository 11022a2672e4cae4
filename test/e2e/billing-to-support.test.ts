import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Project } from '../support/project.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLE = join(ROOT, 'examples/billing-to-support');
const CUSTOMERS = 120;

const stateSchema = z.object({ counts: z.object({ users: z.number(), tickets: z.number() }), repeated: z.number() });
const recordsSchema = z.array(z.looseObject({ id: z.number(), external_id: z.string() }));
const readySchema = z.object({ stripe: z.string(), zendesk: z.string() });

it('the example: customers are users once, unpaid invoices tickets of theirs once, though the desk loses answers; a second run writes nothing', async (context) => {
  const { project, zendesk, lose } = await start(context);
  const live = await project.cli('check', '--live');
  assert.equal(live.code, 0, live.stdout + live.stderr);
  assert.match(live.stdout, /✓ stripe customers +100 records on the first page/);
  await project.startWorker();

  await project.cli('run', 'customers-to-users', '--yes');
  // Of twenty tickets one in three: some are lost whatever the order in which requests come.
  await lose(33);
  const { stdout, stderr } = await project.cli('run', '--all', '--yes');
  const users = recordsSchema.parse(await zendesk('records?object=users'));
  const ids = users.map((user) => user.external_id).toSorted();
  const expected = Array.from({ length: CUSTOMERS }, (_, index) => index + 1).filter((n) => n % 50 !== 0);
  assert.deepEqual(
    ids,
    expected.map((n) => `cus_${String(n).padStart(6, '0')}`),
    stdout + stderr,
  );
  assert.equal(users.find((user) => user.external_id === 'cus_000007')?.['name'], 'Customer7@Example.com');

  const tickets = recordsSchema.parse(await zendesk('records?object=tickets'));
  assert.equal(new Set(tickets.map((ticket) => ticket.external_id)).size, tickets.length, 'no ticket is there twice');
  // Each third customer has an invoice, each other one of them is open, and those of one attempt are left out.
  const unpaid = expected.filter((n) => n % 3 === 1 && n % 2 === 1 && n % 4 > 0);
  assert.deepEqual(
    tickets.map((ticket) => ticket.external_id).toSorted(),
    unpaid.map((n) => `in_${String(n).padStart(6, '0')}`),
    stdout + stderr,
  );
  for (const ticket of tickets) {
    const requester = users.find(({ id }) => id === ticket['requester_id']);
    assert.equal(requester?.external_id.slice(4), ticket.external_id.slice(3), 'a ticket is of the customer of its invoice');
  }
  const { counts, repeated } = stateSchema.parse(await zendesk('state'));
  assert.deepEqual(counts, { users: users.length, tickets: tickets.length });
  assert.ok(repeated > 0, 'a ticket whose answer was lost was sent again with its key');

  const rejected = await project.cli('errors', 'customers-to-users');
  assert.match(rejected.stdout, /name/);
  const again = await project.cli('run', '--all', '--yes');
  assert.match(again.stdout, /unchanged/);
  assert.deepEqual(stateSchema.parse(await zendesk('state')).counts, counts);
});

async function start(context: TestContext) {
  const entries = readdirSync(EXAMPLE, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'));
  const files = Object.fromEntries(
    entries.map(({ parentPath, name }) => [join(parentPath, name).slice(EXAMPLE.length + 1), readFileSync(join(parentPath, name), 'utf8')]),
  );
  const { 'syncline.yaml': _, ...others } = files;
  const project = await Project.create(others, { STRIPE_KEY: 'stripe-dev-key', ZENDESK_TOKEN: 'zendesk-dev-token' });
  context.after(() => project.stop());
  const ports = ['--stripe-port', '0', '--zendesk-port', '0', '--customers', String(CUSTOMERS), '--rate', '500', '--drop-percent', '10', '--exit-with-parent'];
  const sandbox = await project.startProgram('billing', join(ROOT, 'sandbox/billing.ts'), ports);
  const { stripe, zendesk } = readySchema.parse(sandbox.ready);
  project.edit('connections/stripe.yaml', (text) => text.replace(/baseUrl: .*/, `baseUrl: ${stripe}`));
  // What is in doubt is settled sooner than with a desk that is far away.
  project.edit('connections/zendesk.yaml', (text) =>
    text.replace(/baseUrl: .*/, `baseUrl: ${zendesk}\n    timeouts: { request: 1s }\n    applyDelay: 100ms`).replace('count: 40', 'count: 400'),
  );
  const ask = async (what: string): Promise<unknown> => (await fetch(`${zendesk}/_sandbox/${what}`)).json();
  const lose = async (dropPercent: number) => {
    const changed = await fetch(`${zendesk}/_sandbox/faults`, { method: 'POST', body: JSON.stringify({ dropPercent }) });
    assert.equal(changed.status, 200);
  };
  return { project, zendesk: ask, lose };
}
