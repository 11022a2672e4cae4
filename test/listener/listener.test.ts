import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createListenerLog } from '../../listener/log.ts';
import type { ListenerParts } from '../../listener/start-listener.ts';
import { freePort } from '../../worker/temporal-server/free-port.ts';
import { until } from '../support/until.ts';
import { CRM_SECRETS, FILES, HUBSPOT_SECRET, Listening, PUBLIC_URL, send, signed, type Told } from './listening.ts';

const CHANGED = '{"type":"changed","id":7,"at":"2026-03-01T10:00:00Z","record":{"id":7,"mail":"zoe@example.com"}}';

let listening: Listening;

before(async () => {
  listening = await Listening.start();
});
after(() => listening.end());

const deliver = (body: string | Buffer, headers: Record<string, string> = signed(body)) => send(`${listening.url}/webhooks/crm`, { headers, body });

describe('a delivery', () => {
  it('that is genuine is answered with 2xx when it is in the ledger, and its sync is woken', async () => {
    const told = await deliver(CHANGED);
    assert.deepEqual([told.status, told.text], [200, '{"events":1}']);
    const [event, ...others] = await listening.due('contacts');
    assert.deepEqual(
      [event?.key, event?.kind, event?.version, event?.occurredAt],
      ['7', 'changed', '2026-03-01T10:00:00Z', Date.parse('2026-03-01T10:00:00Z')],
    );
    assert.equal(event?.record, undefined, 'a record is kept only where its sync takes it from there');
    assert.deepEqual(others, []);
    await until('a wake', () => listening.wakes.includes('contacts'));
  });

  it('that comes again is answered with 2xx, and kept once', async () => {
    const headers = signed(CHANGED, CRM_SECRETS[0], 'delivery-1');
    const before = await countIds('7');
    const told = [await deliver(CHANGED, headers), await deliver(CHANGED, headers), await deliver(CHANGED, { ...headers, 'x-delivery': 'delivery-2' })];
    assert.deepEqual(
      told.map(({ status, text }) => [status, text]),
      [
        [200, '{"events":1}'],
        [200, '{"events":0}'],
        [200, '{"events":1}'],
      ],
    );
    assert.equal(await countIds('7'), before + 2);
  });

  it('may be signed with either of two secrets', async () => {
    for (const secret of CRM_SECRETS) assert.equal((await deliver(CHANGED, signed(CHANGED, secret))).status, 200);
  });

  it('tells of many events, of which some name nothing that is synced', async () => {
    const events = [
      { type: 'gone', id: 'a-1' },
      { type: 'elsewhere', id: 2 },
      { type: 'unheard-of', id: 3 },
      { type: 'changed', id: null },
      { type: 'changed', id: 'a-2' },
    ];
    const told = await deliver(JSON.stringify({ events }));
    assert.deepEqual([told.status, told.text], [200, '{"events":2}']);
    const due = await listening.due('contacts');
    assert.deepEqual(
      due.filter(({ key }) => key.startsWith('a-')).map(({ key, kind }) => [key, kind]),
      [
        ['a-1', 'deleted'],
        ['a-2', 'changed'],
      ],
    );
    assert.equal(listening.count('events', { connection: 'crm', outcome: 'unreadable' }), 1);
  });

  it('names records by ids longer than a number holds, and tells their fields as they are', async () => {
    const sync = FILES['syncs/contacts.yaml']?.replace('events: {}', 'incremental: { cursorField: at }, events: { read: payload }') ?? '';
    const own = await Listening.start({ 'syncs/contacts.yaml': sync });
    try {
      const body = '{"events":[{"type":"changed","id":12345678901234567890,"record":{"number":98765432109876543210}}]}';
      assert.equal((await send(`${own.url}/webhooks/crm`, { headers: signed(body), body })).text, '{"events":1}');
      const due = (await own.due('contacts')).map(({ key, record }) => [key, record]);
      assert.deepEqual(due, [['12345678901234567890', { number: '98765432109876543210' }]]);
    } finally {
      await own.end();
    }
  });

  it('that is genuine and names nothing of ours is answered with 2xx, and counted', async () => {
    const told = await deliver('{"type":"elsewhere","id":1}');
    assert.deepEqual([told.status, told.text], [200, '{"events":0}']);
    assert.equal(listening.count('deliveries', { connection: 'crm', outcome: 'nothing-of-ours' }), 1);
  });

  it('that is genuine and cannot be read is told so', async () => {
    assert.equal((await deliver('{"type":')).status, 400);
    assert.equal((await deliver(Buffer.from([0x22, 0xff, 0x22]))).status, 400);
    assert.equal((await deliver(`${'['.repeat(40_000)}${']'.repeat(40_000)}`)).status, 400);
  });

  it('of HubSpot signs the public address, and names up to 100 events; more than the rate are asked to come again', async () => {
    const body = JSON.stringify(
      Array.from({ length: 100 }, (_, index) => ({ subscriptionType: 'contact.propertyChange', objectId: index, occurredAt: 1_767_225_600_000 })),
    );
    const at = String(Date.now());
    const from = (address: string) => createHmac('sha256', HUBSPOT_SECRET).update(`POST${address}/webhooks/hubspot${body}${at}`).digest('base64');
    const deliverFrom = (address: string) =>
      send(`${listening.url}/webhooks/hubspot`, { headers: { 'x-hubspot-signature-v3': from(address), 'x-hubspot-request-timestamp': at }, body });
    assert.equal((await deliverFrom(listening.url)).status, 401);
    const told = [await deliverFrom(PUBLIC_URL), await deliverFrom(PUBLIC_URL), await deliverFrom(PUBLIC_URL), await deliverFrom(PUBLIC_URL)];
    assert.deepEqual(
      told.map(({ status, text }) => [status, status === 200 ? text : '']),
      [
        [200, '{"events":100}'],
        [200, '{"events":0}'],
        [200, '{"events":0}'],
        [429, ''],
      ],
    );
    assert.equal((await listening.due('people')).length, 100);
    assert.ok(Number(told[3]?.headers['retry-after']) > 0);
  });
});

describe('who cannot sign', () => {
  it('is told the same whatever was wrong, also of a connection that there is not: nothing', async () => {
    const headers = signed(CHANGED);
    const refused = [
      await deliver(CHANGED, { 'content-type': 'application/json' }),
      await deliver(`${CHANGED} `, headers),
      await deliver(CHANGED, signed(CHANGED, 'another secret')),
      await deliver('not even JSON', headers),
      await send(`${listening.url}/webhooks/nobody`, { headers, body: CHANGED }),
      await send(`${listening.url}/webhooks/constructor`, { headers, body: CHANGED }),
      await send(`${listening.url}/webhooks/crm/`, { headers, body: CHANGED }),
      await send(`${listening.url}/webhooks/`, { headers, body: CHANGED }),
    ];
    const bare = ({ status, headers: { date: _, ...others }, text }: Told) => ({ status, others, text });
    for (const told of refused)
      assert.deepEqual(bare(told), { status: 401, others: { 'cache-control': 'no-store', 'content-length': '0', connection: 'close' }, text: '' });
  });

  it('finds no other door', async () => {
    assert.equal((await send(`${listening.url}/webhooks/crm`, { method: 'GET' })).status, 405);
    assert.equal((await send(`${listening.url}/webhooks/nobody`, { method: 'GET' })).status, 405);
    assert.equal((await send(`${listening.url}/`, { method: 'GET' })).status, 404);
  });

  it('holds nothing up: bodies, headers and time have an end', async () => {
    const big = Buffer.alloc(100_001, 0x20);
    assert.equal((await deliver(big)).status, 413);
    assert.equal((await send(`${listening.url}/webhooks/nobody`, { headers: { 'transfer-encoding': 'chunked' }, body: big })).status, 413);
    assert.equal((await deliver(CHANGED, { ...signed(CHANGED), 'x-long': 'x'.repeat(20_000) })).status, 431);
    const slow = await Listening.start({}, { requestTimeoutMs: 300 });
    try {
      const { hostname, port } = new URL(slow.url);
      const socket = connect(Number(port), hostname);
      socket.write('POST /webhooks/crm HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{');
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      await once(socket, 'close');
      assert.match(text, /^HTTP\/1\.1 4(00|08) /);
    } finally {
      await slow.end();
    }
  });
});

describe('a listener', () => {
  it('asks for a delivery once more while the ledger does not answer: no 2xx for what is not kept', async () => {
    const { SyncError } = await import('../../engine/errors.ts');
    const { openLedger } = await import('../../ledger/open-ledger.ts');
    const refuse = () => Promise.reject(new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'backoff', message: 'The disk is full.' }));
    const away = await Listening.start({}, { openLedger: async (options) => ({ ...(await openLedger(options)), acceptDelivery: refuse, listRuns: refuse }) });
    try {
      const told = await send(`${away.url}/webhooks/crm`, { headers: signed(CHANGED), body: CHANGED });
      assert.equal(told.status, 503);
      assert.ok(Number(told.headers['retry-after']) > 0);
      assert.doesNotMatch(told.text, /disk/);
      assert.deepEqual(away.wakes, []);
      const ready = await send(`${away.url}/readyz/ledger`, { method: 'GET' });
      assert.deepEqual([ready.status, JSON.parse(ready.text).ledger], [503, 'unreachable']);
    } finally {
      await away.end();
    }
  });

  it('wakes the sync of a delivery that was kept too late to be acknowledged', async () => {
    const { openLedger } = await import('../../ledger/open-ledger.ts');
    let keep: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      keep = resolve;
    });
    const slow = await Listening.start(
      {},
      {
        openLedger: async (options) => {
          const ledger = await openLedger(options);
          return { ...ledger, acceptDelivery: (delivery) => late.then(() => ledger.acceptDelivery(delivery)) };
        },
      },
    );
    try {
      const headers = signed(CHANGED);
      const ask = () => send(`${slow.url}/webhooks/crm`, { headers, body: CHANGED });
      assert.equal((await ask()).status, 503);
      keep();
      await until('the delivery to be kept', async () => (await slow.due('contacts')).length === 1);
      assert.equal((await ask()).text, '{"events":0}');
      assert.deepEqual(slow.wakes, ['contacts']);
    } finally {
      await slow.end();
    }
  });

  it('wakes, when it starts, whoever has events that nobody was woken for', async () => {
    const failing = await Listening.start({}, { sendWake: () => Promise.reject(new Error('Temporal is away')) });
    try {
      assert.equal((await send(`${failing.url}/webhooks/crm`, { headers: signed(CHANGED), body: CHANGED })).status, 200);
      await failing.stop();
      await failing.listen();
      await until('a wake', () => failing.wakes.includes('contacts'));
    } finally {
      await failing.end();
    }
  });

  it('ends what it has begun before it stops', async () => {
    const { openLedger } = await import('../../ledger/open-ledger.ts');
    const begun = Promise.withResolvers<void>();
    const mayGoOn = Promise.withResolvers<void>();
    const slow = await Listening.start(
      {},
      {
        openLedger: async (options) => {
          const ledger = await openLedger(options);
          const acceptDelivery: typeof ledger.acceptDelivery = async (delivery) => {
            begun.resolve();
            await mayGoOn.promise;
            return ledger.acceptDelivery(delivery);
          };
          return { ...ledger, acceptDelivery };
        },
      },
    );
    try {
      const told = send(`${slow.url}/webhooks/crm`, { headers: signed(CHANGED), body: CHANGED });
      await begun.promise;
      const stopped = slow.stop();
      mayGoOn.resolve();
      assert.equal((await told).status, 200);
      await stopped;
      assert.equal((await slow.due('contacts')).length, 1);
    } finally {
      await slow.end();
    }
  });

  it('tells whether it is alive and ready: without Temporal it takes deliveries, and is not ready for runs', async () => {
    assert.equal((await send(`${listening.url}/healthz`, { method: 'GET' })).status, 200);
    assert.equal((await send(`${listening.url}/readyz/ledger`, { method: 'GET' })).status, 200);
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:9' };
    const alone = await Listening.start({}, { env });
    try {
      const told = await send(`${alone.url}/readyz`, { method: 'GET' });
      assert.equal(told.status, 503);
    } finally {
      await alone.end();
    }
  });

  it('serves its counts and whether it is ready at an address of their own', async () => {
    const address = `127.0.0.1:${await freePort(0)}`;
    const alone = await Listening.start();
    try {
      await alone.stop();
      await alone.listen({}, address);
      await send(`${alone.url}/webhooks/nobody`, { body: '{}' });
      const text = await (await fetch(`http://${address}/metrics`)).text();
      assert.match(text, /^syncline_webhook_deliveries_total\{connection="unknown",outcome="refused"\} 1$/m);
      assert.match(text, /^syncline_listener_requests_total\{route="\/webhooks\/NAME",status="401"\} 1$/m);
      assert.match(text, /^process_cpu_seconds_total/m);
      assert.equal((await fetch(`http://${address}/readyz`)).status, 200);
      await assert.rejects(
        listening.listen({}, address),
        /The metrics of the listener cannot be served at .* \(SYNCLINE_LISTEN_METRICS\)\. .*by another listener perhaps/,
      );
    } finally {
      await alone.end();
    }
  });

  it('tells in its log where a defect came from, and nothing of what it quotes', async () => {
    const lines: string[] = [];
    const openLedger: ListenerParts['openLedger'] = async (options) => ({
      ...(await (await import('../../ledger/open-ledger.ts')).openLedger(options)),
      acceptDelivery: () => Promise.reject(new TypeError('zoe@example.com is not a function')),
    });
    const alone = await Listening.start({}, { openLedger, log: createListenerLog({ write: (line) => void lines.push(line) }) });
    try {
      assert.equal((await send(`${alone.url}/webhooks/crm`, { body: CHANGED, headers: signed(CHANGED) })).status, 500);
      const line = lines.find((each) => each.includes('a request could not be answered')) ?? '';
      assert.match(line, /"error":\{"type":"TypeError","stack":" +at .*listener\.test\.ts/);
      assert.doesNotMatch(line, /zoe@/);
    } finally {
      await alone.end();
    }
  });

  it('tells nothing of what it was sent in its counts', () => {
    const labels = new Set(listening.listener.counts.list().flatMap((count) => Object.values(count.labels)));
    for (const label of labels) assert.match(label, /^(crm|hubspot|unknown|contacts|people|[a-z-]+|\/[\w/]+|\d{3})$/);
  });
});

async function countIds(key: string): Promise<number> {
  return (await listening.due('contacts')).find((event) => event.key === key)?.ids.length ?? 0;
}
