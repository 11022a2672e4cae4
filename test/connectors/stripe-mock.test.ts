import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { OpenConnection } from '../../connectors/ports.ts';
import { type StripeMock, startStripeMock, stripeMockProgram } from '../support/stripe-mock.ts';
import { connect, outgoing, resolved, send } from './connect.ts';
import { shippedConnector } from './shipped-connector.ts';

const { errors, hints, objects, probe, version } = shippedConnector('stripe');
const isWanted = stripeMockProgram.areThere || process.env['SYNCLINE_TEST_STRIPE_MOCK'] === 'build';
const skip = isWanted ? false : 'stripe-mock is not built on this machine: npm run test:connectors builds it (half a minute, Go and a module proxy)';
const WINDOW = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-02T00:00:00.000Z' };

/** What a create of each object needs. */
const FIELDS = {
  customers: { email: 'ada@example.com', name: 'Ada', metadata: { source_id: '17' }, address: { city: 'Turin', country: 'IT' }, phone: null },
  products: { name: 'Gold plan', active: true, metadata: { source_id: '17' } },
  prices: { currency: 'eur', unit_amount: 1_200, product: 'prod_1', lookup_key: 'gold' },
  subscriptions: { customer: 'cus_1', items: [{ price: 'price_1' }] },
  invoices: { customer: 'cus_1', description: 'March', auto_advance: false },
} as const;
const CHANGES = {
  customers: { name: 'Ada L.' },
  products: { active: false },
  prices: { active: false },
  subscriptions: { metadata: { a: 'b' } },
  invoices: { description: '' },
} as const;

describe('Stripe, held against its own OpenAPI document by stripe-mock', { skip }, () => {
  let mock: StripeMock | undefined;
  before(async () => {
    mock = await startStripeMock();
  });
  after(() => mock?.stop());

  const stripe = (context: TestContext): OpenConnection => {
    const headers = version !== undefined && 'header' in version ? { [version.header]: version.value } : {};
    return connect(
      context,
      resolved(mock?.url ?? '', { name: 'stripe', auth: { type: 'bearer', token: 'sk_test_123' }, headers, errors, hints, objects, probe }),
    );
  };

  it('answers the probe', (context) => stripe(context).probe());

  for (const name of Object.keys(objects)) {
    it(`lists ${name}, of all times and of a window, and gives one`, async (context) => {
      const source = stripe(context).source(name);
      for (const window of [{}, WINDOW]) {
        const { records, next } = await source.readPage({ window, cursor: undefined });
        assert.ok(records.length > 0);
        for (const { key, fields } of records) assert.equal(fields['id'], key);
        assert.equal(next, undefined, 'a list without another page ends');
      }
      assert.equal((await source.readOne?.('x_123'))?.fields['object'], name.slice(0, -1));
      if (source.readDeleted !== undefined) assert.ok((await source.readDeleted({ window: WINDOW, cursor: undefined })).keys.length > 0);
    });
  }

  for (const [name, fields] of Object.entries(FIELDS)) {
    const object = objects[name];
    const matchOn = object?.unique?.[0] ?? 'id';
    it(`takes what is written of ${name}`, async (context) => {
      const target = stripe(context).target(name, matchOn);
      const created = await send(target, 'create', [{ fields, match: 'x' }]);
      assert.ok(
        created.answer === 'results' && created.results[0]?.outcome === 'written' && created.results[0].targetId !== undefined,
        JSON.stringify(created),
      );
      const updated = await send(target, 'update', [
        { fields: Object.entries(CHANGES).find(([one]) => one === name)?.[1] ?? {}, match: 'x', targetId: 'x_123' },
      ]);
      assert.ok(updated.answer === 'results' && updated.results[0]?.outcome === 'written', JSON.stringify(updated));
      if (object?.delete === undefined) return;
      const deleted = await send(target, 'delete', [outgoing('x', {}, 'x_123')]);
      assert.ok(deleted.answer === 'results' && deleted.results[0]?.outcome === 'written', JSON.stringify(deleted));
    });
    if (object?.search === undefined) continue;
    it(`takes a search for ${name} by ${matchOn}, several at once`, async (context) => {
      await stripe(context).target(name, matchOn).search(['a"b', 'c', 'd']);
    });
  }

  it('refuses what Stripe does not have, in its own words', async (context) => {
    const answer = await send(stripe(context).target('customers', 'email'), 'create', [{ fields: { emial: 'ada@example.com' }, match: 'x' }]);
    assert.ok(answer.answer === 'refused' && /additional properties are not allowed/.test(answer.rejection.message), JSON.stringify(answer));
  });
});
