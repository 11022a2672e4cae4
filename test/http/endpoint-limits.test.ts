import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndpointLimit, HttpClient, HttpRequest } from '../../http/http-client.ts';
import { openLedgerInThread } from '../../ledger/thread/open-ledger-in-thread.ts';
import { fastEnough, inTime } from '../support/in-time.ts';
import { json, open, serve } from './local-server.ts';

const matcher = (more: Partial<EndpointLimit['of'][number]> = {}) => ({ weight: 1, ...more });

/** Asks for all at once, and tells when each arrived since, by its path. */
async function arrivals(context: TestContext, endpoints: readonly EndpointLimit[], asked: readonly Partial<HttpRequest>[]) {
  const server = await serve(context, (_request, response) => json(response, {}));
  const client = open(context, `${server.url}/v1`, { limits: { requests: [{ count: 1_000, perMs: 1_000 }], endpoints, concurrency: 32 } });
  const startedAt = performance.now();
  await Promise.all(asked.map((request) => client.send({ method: 'GET', path: '/', repeat: 'read', ...request })));
  const of = (path: string) => server.received.filter(({ url }) => url.startsWith(path)).map(({ at }) => at - startedAt);
  return { of, server, client };
}

/** Two clients of one account that divide its limits. */
async function sharing(context: TestContext, url: string, endpoints: readonly EndpointLimit[]): Promise<readonly HttpClient[]> {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-endpoints-'));
  const ledger = await openLedgerInThread({ url: 'sqlite', directory, values: 'plain' });
  const clients = [1, 2].map(() => open(context, url, { limits: { endpoints }, sharedBudget: ledger }));
  // After the clients, which give back what they have.
  context.after(async () => {
    await ledger.close();
    rmSync(directory, { recursive: true });
  });
  return clients;
}

const times = (count: number, request: Partial<HttpRequest>) => Array.from({ length: count }, () => request);
/** Timers that are late are made up for. */
const SLACK_MS = 40;

describe('limits of endpoints', { concurrency: true }, () => {
  it('hold back the requests that they are of, and no others', async (context) => {
    const endpoints = [{ of: [matcher({ method: 'POST', path: '^/search' })], requests: [{ count: 10, perMs: 1_000 }] }];
    const searches = times(6, { method: 'POST', path: '/search' });
    const { of } = await arrivals(context, endpoints, [
      ...searches,
      ...times(20, { path: '/search' }),
      ...times(20, { method: 'POST', path: '/contacts/search' }),
    ]);
    assert.ok(Math.min(...of('/v1/contacts')) < Math.max(...of('/v1/search')), 'those of another path do not wait');
    assert.ok(Math.max(...of('/v1/search')) >= 500 - SLACK_MS, `six, ten a second: ${Math.max(...of('/v1/search'))} ms`);
  });

  it('count a request by its weight, the first that fits', async (context) => {
    const endpoints = [
      { of: [matcher({ path: '^/reports', query: { full: 'yes' }, weight: 5 }), matcher({ path: '^/reports' })], requests: [{ count: 20, perMs: 1_000 }] },
    ];
    const { of } = await arrivals(context, endpoints, [...times(2, { path: '/reports', query: [['full', 'yes']] }), ...times(2, { path: '/reports?full=no' })]);
    const last = Math.max(...of('/v1/reports'));
    assert.ok(last >= 550 - SLACK_MS, `twelve, twenty a second: ${last} ms`);
  });

  it('hold together, also for an address that the API gave, and by header', async (context) => {
    const endpoints = [
      { of: [matcher({ path: '^/a$' })], requests: [{ count: 50, perMs: 1_000 }] },
      { of: [matcher({ headers: { 'X-Kind': 'slow' } })], requests: [{ count: 5, perMs: 1_000 }] },
    ];
    const headers = { 'x-kind': 'slow' };
    const server = await serve(context, (_request, response) => json(response, {}));
    const client = open(context, `${server.url}/v1`, { limits: { endpoints } });
    const startedAt = performance.now();
    await Promise.all([`${server.url}/v1/a?page=2`, '/a', '/a'].map((path) => client.send({ method: 'GET', path, headers, repeat: 'read' })));
    assert.ok(performance.now() - startedAt >= 400 - SLACK_MS);
  });

  it('are those of the account, not of a process: who shares a ledger shares them', async (context) => {
    const server = await serve(context, (_request, response) => json(response, {}));
    const endpoints = [{ of: [matcher({ path: '^/quota' })], requests: [{ count: 10, perMs: 3_600_000 }] }];
    const clients = await sharing(context, server.url, endpoints);
    const asked = clients.flatMap((client) =>
      times(8, { path: '/quota' }).map((request) => client.send({ method: 'GET', path: '/', repeat: 'read', ...request })),
    );
    const codes = (await Promise.allSettled(asked)).map((settled) => (settled.status === 'fulfilled' ? 'sent' : String(Object(settled.reason).code)));
    assert.equal(server.received.length, 10);
    assert.deepEqual([...new Set(codes)].toSorted(), ['QUOTA_SPENT', 'sent']);
  });

  for (const [where, openOne] of [
    ['', async (context: TestContext, url: string, endpoints: readonly EndpointLimit[]) => open(context, url, { limits: { endpoints } })],
    [', also where others share it', async (...account: Parameters<typeof sharing>) => (await sharing(...account))[0]],
  ] as const) {
    it(
      `let a write that counts as several go as soon as there is room for all of it${where}`,
      inTime(async (context) => {
        const server = await serve(context, (_request, response) => json(response, {}));
        // One each second: as many as one write counts as are never there in the time that a write waits.
        const endpoints = [{ of: [matcher({ weight: 3 })], requests: [{ count: 30, perMs: 30_000 }] }];
        const client = await openOne(context, server.url, endpoints);
        const write = async () => client?.send({ method: 'POST', path: '/', repeat: 'once' });
        await write();
        await assert.rejects(write(), { code: 'RATE_LIMITED' });
        await sleep(2_000);
        await write().catch((error: unknown) => fastEnough(false, `there was no room: ${String(error)}`));
        const [first = 0, second = 0] = server.received.map(({ at }) => at);
        assert.ok(second - first >= 3_000 - SLACK_MS, `${second - first} ms`);
      }),
    );
  }

  it('keep what is left of a quota from those that count as more', async (context) => {
    const server = await serve(context, (_request, response) => json(response, {}));
    const endpoints = [{ of: [matcher({ method: 'POST', weight: 4 }), matcher()], requests: [{ count: 10, perMs: 3_600_000 }] }];
    const [one, other] = await sharing(context, server.url, endpoints);
    const ask = async (client: HttpClient | undefined, method: 'GET' | 'POST') => client?.send({ method, path: '/', repeat: 'read' });
    await ask(one, 'POST');
    await ask(other, 'POST');
    await assert.rejects(ask(one, 'POST'), { code: 'QUOTA_SPENT' });
    await ask(other, 'GET');
    assert.equal(server.received.length, 3);
  });

  it(
    'let a write go of its claim where it would wait for long: nothing was sent',
    inTime(async (context) => {
      const endpoints = [{ of: [matcher()], requests: [{ count: 1, perMs: 4_000 }] }];
      const { client, server } = await arrivals(context, endpoints, [{}]);
      let checks = 0;
      const checkBeforeDispatch = async () => {
        checks += 1;
      };
      const write = client.send({ method: 'POST', path: '/', repeat: 'once', checkBeforeDispatch });
      await assert.rejects(
        write,
        (error: unknown) => error instanceof Error && 'code' in error && error.code === 'RATE_LIMITED' && JSON.stringify(error).includes('afterMs'),
      );
      assert.deepEqual([checks, server.received.length], [0, 1]);
    }),
  );
});
