import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { z } from 'zod';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { Handover } from '../../activities/handover.ts';
import { writeBatches } from '../../activities/write-batches.ts';
import { SyncError } from '../../engine/errors.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type Answer, json, type ReceivedRequest, serve } from '../http/local-server.ts';
import { beginRun, beginSteps, stageRecords } from './steps-by-hand.ts';

const HOUR_MS = 3_600_000;
const KEYED = 'idempotency: { header: Idempotency-Key, ttl: 23h }';
const IN_BATCHES = 'max: 10, body: { items: "{records}" }, results: { at: results, by: match, key: number, id: id }';
const SEARCH = `search: { get: /orders, query: { numbers: "{$join(keys, ',')}" }, records: $, max: 50, indexingDelay: 2s }`;
const itemsSchema = z.object({ items: z.array(z.object({ number: z.string() })) });

/** Orders to be created at an API that answers as the test says, and the writer of their one segment. */
async function ordersFor(
  context: TestContext,
  answer: Answer,
  { create, more = '', keys = ['1'] }: { create: string; more?: string; keys?: readonly string[] },
) {
  const server = await serve(context, answer);
  const files = {
    'syncline.yaml': 'name: acme\n',
    'connections/shop.yaml': `
connector: generic-rest
shared: true
baseUrl: ${server.url}
limits: { concurrency: 2 }
objects:
  lines: { list: { get: /lines, records: $ } }
  orders:
    create: { post: /orders, applyDelay: 0s, ${create} }
    update: { patch: "/orders/{id}" }
    ${more}
`,
    'syncs/orders.yaml': `
source: { connection: shop, object: lines, primaryKey: number }
target: { connection: shop, object: orders, matchOn: number }
mapping: { number: number }
`,
  };
  const { ledger, scope, hash, dependencies } = await beginSteps(context, files, 'orders');
  await beginRun(ledger, { id: 'r_1', scope, hash });
  const staged = keys.map((number) => {
    const change = { kind: 'create', fields: { number }, contentHash: `h${number}`, match: number, source: { number }, bytes: 20 } as const;
    return { disposition: 'change', key: number, change } as const;
  });
  await stageRecords(ledger, 'acme/dev/shop/orders', staged);
  await ledger.closeSegment('r_1', 0, 'reader', { state: 'complete', isLast: true });

  /** One attempt of the step. @returns how it ended */
  const attempt = async (parts: Partial<ActivityDependencies> = {}): Promise<string> => {
    const ended: { readonly state: string } = await new MockActivityEnvironment().run(async (): Promise<{ readonly state: string }> => {
      try {
        return await writeBatches({ ...dependencies, ...parts }, new Handover(), { runId: 'r_1', segment: 0 });
      } catch (error) {
        if (error instanceof ApplicationFailure) await sleep(Number(error.nextRetryDelay ?? 0));
        return { state: String(error) };
      }
    });
    return ended.state;
  };
  /** Attempts until all is written. */
  const drain = async (parts: Partial<ActivityDependencies> = {}) => {
    for (let left = 8; left > 0 && (await attempt(parts)) !== 'drained'; ) left -= 1;
  };
  const ledgerWith = (more: Partial<Ledger>): Partial<ActivityDependencies> => ({ ledger: { ...ledger, ...more } });
  return { ledger, scope, attempt, drain, ledgerWith };
}

/** Makes an order with each request. */
class OneByOne {
  made = 0;
  readonly answer: Answer = (_, response) => {
    this.made += 1;
    json(response, { id: `o${this.made}` }, 201);
  };
}

const keyOf = ({ headers }: ReceivedRequest) => String(headers['idempotency-key']);
const away = () => new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'backoff', message: 'The PostgreSQL of the ledger is on its way up.' });

describe('a create that was answered', () => {
  it('is settled as that, though the ledger is away for a moment', async (context) => {
    const target = new OneByOne();
    const orders = await ordersFor(context, target.answer, { create: '' });
    let failures = 0;
    const settleBatch: Ledger['settleBatch'] = async (input) => {
      if (failures++ < 2) throw away();
      return orders.ledger.settleBatch(input);
    };
    await orders.drain(orders.ledgerWith({ settleBatch }));
    assert.deepEqual([target.made, failures], [1, 3]);
    assert.equal((await orders.ledger.readRecords(orders.scope, ['1'])).get('1')?.lastOutcome, 'written');
  });

  it('is not sent again where the ledger stays away: it is a write without an answer then', async (context) => {
    const target = new OneByOne();
    const orders = await ordersFor(context, target.answer, { create: '' });
    assert.match(await orders.attempt(orders.ledgerWith({ settleBatch: async () => Promise.reject(away()) })), /on its way up/);
    await orders.drain({ now: () => Date.now() + HOUR_MS });
    assert.equal(target.made, 1);
    assert.equal((await orders.ledger.listUnknown(orders.scope, { limit: 9 })).length, 1, 'a person decides');
  });

  it('and left out of the answer is looked up only when the search can show it', async (context) => {
    const made: { readonly number: string; readonly at: number }[] = [];
    const answer: Answer = ({ method, url, body }, response) => {
      if (method === 'GET') {
        const asked = new URL(url, 'http://x').searchParams.get('numbers')?.split(',') ?? [];
        return json(
          response,
          made.filter(({ number, at }) => asked.includes(number) && Date.now() - at > 1_800).map(({ number }) => ({ number, id: `o${number}` })),
        );
      }
      const { items } = itemsSchema.parse(JSON.parse(body));
      made.push(...items.map(({ number }) => ({ number, at: Date.now() })));
      return json(response, { results: items.slice(0, 1).map(({ number }) => ({ number, id: `o${number}` })) });
    };
    const orders = await ordersFor(context, answer, { create: IN_BATCHES, more: SEARCH, keys: ['1', '2'] });
    await orders.drain();
    assert.deepEqual(
      made.map(({ number }) => number),
      ['1', '2'],
    );
    assert.equal((await orders.ledger.readRecords(orders.scope, ['2'])).get('2')?.lastOutcome, 'written');
  });
});

describe('a create under an idempotency key, applied and not answered', () => {
  /** Applies a key once. The first request is not answered, the second one is refused where `refuses` says so. */
  function keeper(refuses: boolean) {
    const made = new Map<string, string>();
    let posts = 0;
    const answer: Answer = (request, response) => {
      posts += 1;
      if (posts === 2 && refuses) return void response.writeHead(429, { 'retry-after': '1' }).end();
      const id = made.get(keyOf(request)) ?? `o${made.size}`;
      made.set(keyOf(request), id);
      return posts === 1 ? void response.destroy() : json(response, { id }, 201);
    };
    return { made, answer, posts: () => posts };
  }

  it('is repeated under the same key, though a repetition was refused for its pace', async (context) => {
    const api = keeper(true);
    const orders = await ordersFor(context, api.answer, { create: KEYED });
    await orders.drain();
    assert.deepEqual([api.made.size, api.posts()], [1, 3]);
    assert.equal((await orders.ledger.readRecords(orders.scope, ['1'])).get('1')?.targetId, 'o0');
  });

  it('is repeated under the same key, though a repetition came too late to be sent', async (context) => {
    const api = keeper(false);
    const orders = await ordersFor(context, api.answer, { create: KEYED });
    let looks = 0;
    const holdsBatch: Ledger['holdsBatch'] = async (...batch) => {
      looks += 1;
      if (looks === 2) await sleep(2_100);
      return orders.ledger.holdsBatch(...batch);
    };
    await orders.drain(orders.ledgerWith({ holdsBatch }));
    assert.deepEqual([api.made.size, looks], [1, 3]);
  });

  it('is not repeated once the target may have forgotten the key, which was first used long before its last repetition', async (context) => {
    let shift = 0;
    const now = () => Date.now() + shift;
    const firstUsed = new Map<string, number>();
    let made = 0;
    const answer: Answer = (request, response) => {
      const usedAt = firstUsed.get(keyOf(request));
      if (usedAt === undefined || now() - usedAt > 24 * HOUR_MS) made += 1;
      if (usedAt === undefined) firstUsed.set(keyOf(request), now());
      return shift < 40 * HOUR_MS ? void response.destroy() : json(response, { id: 'o1' }, 201);
    };
    const orders = await ordersFor(context, answer, { create: KEYED });
    for (const hours of [0, 20, 40]) {
      shift = hours * HOUR_MS;
      await orders.attempt({ now, random: () => 0 });
    }
    assert.equal(made, 1);
    assert.equal((await orders.ledger.listUnknown(orders.scope, { limit: 9 })).length, 1, 'a person decides');
  });

  it('and left out of the answer of its batch is not asked for under the key of the whole', async (context) => {
    const bodies = new Map<string, string>();
    const answer: Answer = (request, response) => {
      const known = bodies.get(keyOf(request));
      if (known !== undefined && known !== request.body) return json(response, { message: 'Keys can only be used with the same parameters' }, 422);
      bodies.set(keyOf(request), request.body);
      const { items } = itemsSchema.parse(JSON.parse(request.body));
      return json(response, { results: items.slice(0, 1).map(({ number }) => ({ number, id: `o${number}` })) });
    };
    const orders = await ordersFor(context, answer, { create: `${IN_BATCHES}, ${KEYED}`, keys: ['1', '2'] });
    await orders.attempt();
    assert.equal((await orders.ledger.readRecords(orders.scope, ['2'])).get('2')?.lastOutcome, 'held', 'it was created, and is not counted as rejected');
    assert.equal(bodies.size, 1);
  });
});

it('a create that is looked up before it is sent, and again when its answer was lost, is told as taken over from nobody', async (context) => {
  const made: string[] = [];
  const answer: Answer = ({ method, body }, response) => {
    if (method === 'GET')
      return json(
        response,
        made.map((number) => ({ number, id: `o${number}` })),
      );
    made.push(...itemsSchema.parse(JSON.parse(body)).items.map(({ number }) => number));
    response.destroy();
  };
  const orders = await ordersFor(context, answer, { create: IN_BATCHES, more: SEARCH });
  await orders.drain();
  const story = await orders.ledger.readHistory(orders.scope, { key: '1' });
  assert.deepEqual(
    story?.events.map(({ event }) => event),
    ['first-seen', 'staged', 'sent', 'answered', 'unknown', 'written'],
  );
  assert.deepEqual(
    (await orders.ledger.readRunLog('r_1', { since: 0, limit: 9 })).batches.map(({ what }) => what),
    ['unknown'],
  );
});

it('a claim that failed gives back its place at the target', { timeout: 30_000 }, async (context) => {
  const target = new OneByOne();
  const orders = await ordersFor(context, target.answer, { create: '' });
  let failures = 0;
  const claimBatch: Ledger['claimBatch'] = async (input) => {
    if (failures++ < 2) throw away();
    return orders.ledger.claimBatch(input);
  };
  await orders.drain(orders.ledgerWith({ claimBatch }));
  assert.deepEqual([target.made, failures > 2], [1, true]);
});

it('a record that the target has no time for is sent again after pauses, and is refused for later where it never has', async (context) => {
  const sentAt: number[] = [];
  const answer: Answer = ({ body }, response) => {
    sentAt.push(Date.now());
    const { items } = itemsSchema.parse(JSON.parse(body));
    json(response, { results: items.map(({ number }) => ({ number, status: 429, error: 'slow down' })) });
  };
  const orders = await ordersFor(context, answer, {
    create: 'max: 10, body: { items: "{records}" }, results: { at: results, by: match, key: number, id: id, status: status, error: error }',
  });
  // Short pauses, and ids that differ.
  await orders.drain({ random: () => Math.random() / 10 });
  assert.equal(sentAt.length, 11);
  const pauses = sentAt.slice(1).map((at, n) => at - (sentAt[n] ?? at));
  assert.ok(Math.min(...pauses) >= 50 && Math.max(...pauses) < 5_000, `pauses of ${pauses.join(', ')} ms`);
  const { lastOutcome, rejection } = (await orders.ledger.readRecords(orders.scope, ['1'])).get('1') ?? {};
  assert.deepEqual([lastOutcome, rejection?.retry], ['rejected', 'later']);
});
