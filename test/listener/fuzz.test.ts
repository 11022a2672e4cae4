import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, it } from 'node:test';
import fc from 'fast-check';
import type { Delivery } from '../../ledger/delivery-store.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { CRM_SECRETS, Listening, send, signed, type Told } from './listening.ts';

const RUNS = process.env['SYNCLINE_TEST_LONG'] === '1' ? 10_000 : 1_000;

let listening: Listening;
/** What the ledger has taken, by delivery. */
const durable = new Map<string, Delivery>();

before(async () => {
  listening = await Listening.start(
    {},
    {
      openLedger: async (options) => {
        const ledger = await openLedger(options);
        const acceptDelivery: typeof ledger.acceptDelivery = async (delivery) => {
          const accepted = await ledger.acceptDelivery(delivery);
          durable.set(delivery.deliveryId, delivery);
          return accepted;
        };
        return { ...ledger, acceptDelivery };
      },
    },
  );
});
after(() => listening.end());

const event = fc.record(
  {
    type: fc.constantFrom('changed', 'gone', 'elsewhere', 'other', 7, null),
    id: fc.oneof(fc.string(), fc.integer(), fc.double(), fc.constant(null), fc.array(fc.string(), { maxLength: 3 }), fc.object({ maxDepth: 1 })),
    at: fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.integer(),
      fc.string(),
      fc.constant(null),
    ),
    record: fc.jsonValue({ maxDepth: 2 }),
  },
  { requiredKeys: [] },
);
const plainEvent = fc.record({
  type: fc.constantFrom('changed', 'gone'),
  id: fc.oneof(fc.string({ minLength: 1 }), fc.nat()),
  at: fc.constant('2026-03-01T10:00:00Z'),
});
const body = fc.oneof(
  { weight: 4, arbitrary: fc.array(plainEvent, { minLength: 1, maxLength: 5 }).map((value) => JSON.stringify(value)) },
  {
    weight: 4,
    arbitrary: fc
      .oneof(event, fc.array(event, { maxLength: 5 }), fc.record({ events: fc.array(event, { maxLength: 5 }) }))
      .map((value) => JSON.stringify(value)),
  },
  { weight: 2, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
);
const headerValue = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 40 });
const headerName = fc.constantFrom(
  'x-delivery',
  'content-type',
  'x-hub-signature-256',
  'authorization',
  'x-forwarded-for',
  'x-hubspot-signature-v3',
  '__proto__',
  'constructor',
);
const asked = fc.record({
  path: fc.oneof(
    { weight: 6, arbitrary: fc.constant('/webhooks/crm') },
    { weight: 1, arbitrary: fc.constantFrom('/webhooks/hubspot', '/webhooks/nobody', '/v1/syncs/contacts/runs', '/v1/runs/r_x', '/healthz', '/') },
    { weight: 1, arbitrary: fc.webPath() },
  ),
  method: fc.oneof({ weight: 9, arbitrary: fc.constant('POST') }, { weight: 1, arbitrary: fc.constantFrom('GET', 'PUT', 'DELETE', 'PATCH', 'HEAD') }),
  body,
  isSigned: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  headers: fc.dictionary(headerName, headerValue, { maxKeys: 3 }),
  isChanged: fc.boolean(),
});

/** A 2xx of a webhook says what the ledger has; whatever else is asked of it without a right to it is refused. */
function judge(
  { path, body: sent }: { readonly path: string; readonly body: string | Buffer },
  { status, text }: Told,
  delivery: string,
  mayBeTaken: boolean,
): void {
  assert.ok(status < 500, `${status} ${text}`);
  if (path === '/webhooks/crm' && status >= 200 && status < 300) {
    assert.ok(mayBeTaken, 'a delivery that nobody signed was taken');
    const { events } = JSON.parse(text) as { events: number }; // eslint-disable-line @typescript-eslint/consistent-type-assertions -- the listener's own answer
    const kept = durable.get(createHash('sha256').update(delivery).digest('hex').slice(0, 32));
    if (events > 0) assert.equal(kept?.events.length, events, `of ${sent.toString()}`);
  }
  if (path.startsWith('/v1/')) assert.ok(status >= 400, `${path} ${status}`);
}

/** What is refused before its body is read may end with its answer unread: no 2xx. */
function unlessReset(error: unknown): undefined {
  if (!(error instanceof Error && 'code' in error && error.code === 'ECONNRESET')) throw error;
}

it(`takes ${RUNS} bodies and headers of any kind: it lives on, and says 2xx only of what is durable`, async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(asked, fc.uuid(), async (request, delivery) => {
      const { path, method, isSigned, isChanged, headers } = request;
      const proof = isSigned ? signed(request.body, CRM_SECRETS[0], delivery) : {};
      const altered = isChanged && isSigned ? Buffer.concat([Buffer.from(request.body), Buffer.from(' ')]) : request.body;
      // A header given twice is another than the one that was signed with.
      const sent = { ...headers, ...proof };
      const body = method === 'GET' || method === 'HEAD' ? '' : altered;
      const told = await send(`${listening.url}${path}`, { method, headers: sent, body }).catch(unlessReset);
      if (told === undefined) return;
      judge(request, told, delivery, isSigned && !isChanged);
      if (path === '/webhooks/crm' && told.status === 200) taken += 1;
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  assert.equal((await send(`${listening.url}/healthz`, { method: 'GET' })).status, 200);
  assert.ok(taken > RUNS / 10, `${taken} were taken`);
  assert.ok(durable.size > RUNS / 50, `${durable.size} were kept`);
});
