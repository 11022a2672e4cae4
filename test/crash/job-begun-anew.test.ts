import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Shop, TOKEN } from '../connectors/shopify-shop.ts';
import { JobSteps } from './job-steps.ts';

const CUSTOMERS = 25;
const dies = () => Promise.reject(new Error('the process is gone'));

/** Customers that are staged for a shop: more than a request holds. */
async function staged(context: TestContext) {
  const shop = await Shop.open(context);
  const files = {
    'syncline.yaml': 'name: acme\n',
    'connections/crm.yaml':
      'connector: generic-rest\nshared: true\nbaseUrl: http://127.0.0.1:4100\nobjects: { people: { list: { get: /people, records: $ } } }\n',
    'connections/shopify.yaml': `connector: shopify\nshared: true\nbaseUrl: ${shop.server.origin}\nauth: { type: api-key, name: X-Shopify-Access-Token, key: ${TOKEN} }\n`,
    'syncs/contacts.yaml': `
source: { connection: crm, object: people }
target: { connection: shopify, object: customers, matchOn: email, bulk: true }
mapping: { email: mail }
`,
  };
  const records = Array.from({ length: CUSTOMERS }, (_, n) => {
    const fields = { email: `p${n}@x.test` };
    return {
      disposition: 'change',
      key: String(n),
      change: { kind: 'upsert', fields, contentHash: `h${n}`, match: fields.email, source: fields, bytes: 50 },
    } as const;
  });
  return { shop, steps: await JobSteps.over(context, files, 'acme/dev/shopify/customers', records) };
}

describe('a job that gets its id when it is begun', () => {
  it('is begun once more where that id was lost: each record is there once, and known by its id', async (context) => {
    const { shop, steps } = await staged(context);
    let notes = 0;
    // Dies with the answer in its hands.
    const noteJob: typeof steps.ledger.noteJob = (input) => (++notes === 3 ? dies() : steps.ledger.noteJob(input));
    await assert.rejects(steps.send(await steps.claim(), { noteJob }), /the process is gone/);
    assert.deepEqual([(await steps.left())?.job?.state, shop.bulk.operations.length], ['begun', 1]);
    await steps.finish();
    assert.deepEqual([shop.bulk.operations.length, shop.customers.length], [2, CUSTOMERS]);
    assert.equal((await steps.totals()).written, CUSTOMERS);
    assert.equal(
      (await steps.ledger.readRecords('acme/dev/contacts', ['7'])).get('7')?.targetId,
      shop.customers.find(({ email }) => email === 'p7@x.test')?.id,
    );
  });

  it('waits where the API works on as many as it takes, and is then begun, filled once', async (context) => {
    const { shop, steps } = await staged(context);
    shop.bulk.busy = 'OPERATION_IN_PROGRESS';
    await steps.send(await steps.claim());
    await steps.resolve();
    assert.deepEqual([(await steps.left())?.job?.state, shop.bulk.operations.length], ['begun', 0]);
    shop.bulk.busy = undefined;
    await steps.finish();
    assert.deepEqual(
      [shop.bulk.operations.length, shop.customers.length, shop.bulk.received.filter(({ method }) => method === 'POST').length],
      [1, CUSTOMERS, 1],
    );
  });
});
