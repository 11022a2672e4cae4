import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { z } from 'zod';
import { Handover, type PagePlace, type Recipient } from '../../activities/handover.ts';
import { pageSource } from '../../activities/page-source.ts';
import { writeBatches } from '../../activities/write-batches.ts';
import type { ClaimInput, StagedPage } from '../../ledger/ledger.ts';
import { OneWrite } from '../crash/one-write.ts';
import { beginSteps, TERMS } from '../crash/steps-by-hand.ts';
import { json, serve } from '../http/local-server.ts';
import { fastEnough, inTime } from '../support/in-time.ts';

const PAGES = 8;
const PAGE = 10;
const postSchema = z.object({ items: z.array(z.object({ number: z.string() })) });
const NOTHING: StagedPage = { staged: 0, seenAgain: 0, claimed: [], waited: [] };

const claimOf = (token: string): ClaimInput => ({
  runId: 'r_1',
  segment: 0,
  batchId: `b_${token}`,
  token,
  maxRecords: 10,
  maxBytes: 1e6,
  sendBy: 1,
  terms: TERMS,
  at: 0,
});

function recipient(...tokens: readonly string[]): Recipient & { readonly taken: number[] } {
  const taken: number[] = [];
  return { taken, claims: () => tokens.map(claimOf), room: async () => undefined, take: (asked, { claimed }) => void taken.push(asked.length, claimed.length) };
}

const PLACE = { runId: 'r_1', segment: 0, records: 10 };

describe('what the reader hands to the writer', () => {
  it('is nothing where its page was not staged: the writer is told so, and who leaves waits for that', async () => {
    const handover = new Handover();
    const writer = recipient('a', 'b');
    const leave = handover.join('r_1', 0, writer);
    const passing = handover.pass(PLACE, async (claims) => {
      await sleep(20);
      throw new Error(`${claims.length} claims`);
    });
    passing.catch(() => undefined);
    await leave();
    assert.deepEqual(writer.taken, [2, 0]);
    await assert.rejects(passing, /2 claims/);
  });

  it('is asked of the attempt that joined last, and of nobody who has left', async () => {
    const handover = new Handover();
    const [gone, next] = [recipient('old'), recipient('new')];
    const leave = handover.join('r_1', 0, gone);
    const leaveNext = handover.join('r_1', 0, next);
    await leave();
    await handover.pass(PLACE, async () => NOTHING);
    await leaveNext();
    await handover.pass(PLACE, async (claims) => {
      assert.deepEqual(claims, []);
      return NOTHING;
    });
    assert.deepEqual([gone.taken, next.taken], [[], [1, 0]]);
  });

  it('waits until the writer has room for it', async () => {
    const handover = new Handover();
    const asked: number[] = [];
    handover.join('r_1', 0, { ...recipient('a'), room: async (records) => void asked.push(records) });
    await handover.room(PLACE);
    await handover.room({ ...PLACE, segment: 1 });
    assert.deepEqual(asked, [10], 'of nobody else');
  });

  it(
    'is sent in a run of both: whole pages, each record once',
    inTime(async (context) => {
      const written: string[] = [];
      const server = await serve(context, async ({ method, url, body }, response) => {
        if (method === 'POST') {
          const { items } = postSchema.parse(JSON.parse(body));
          written.push(...items.map(({ number }) => number));
          return json(response, { results: items.map(({ number }) => ({ id: `o${number}` })) });
        }
        const page = Number(new URL(url, 'http://localhost').searchParams.get('page') ?? '1');
        await sleep(30);
        json(response, { data: Array.from({ length: PAGE }, (_, n) => ({ number: String(page * 100 + n) })), next: page < PAGES ? page + 1 : null });
      });
      const { ledger, scope, hash, dependencies } = await beginSteps(context, project(server.url), 'orders');
      await ledger.openRun({
        id: 'r_1',
        scope,
        definitionHash: hash,
        trigger: 'manual',
        workflowId: 'sync',
        firstExecutionRunId: 'x',
        window: {},
        at: Date.now(),
      });
      await ledger.openSegment('r_1', 0, Date.now());
      let handed = 0;
      const before: unknown[] = [];
      const watched: typeof ledger = {
        ...ledger,
        stagePage: async (input) => {
          before.push(input.pagesBefore);
          const page = await ledger.stagePage(input);
          handed += page.claimed.length;
          return page;
        },
      };
      const rooms: number[] = [];
      const handover = new (class extends Handover {
        override room(place: PagePlace): Promise<void> {
          rooms.push(place.records);
          return super.room(place);
        }
      })();
      const parts = { ...dependencies, ledger: watched };
      const ended: string[] = [];
      await Promise.all([
        new MockActivityEnvironment().run(async () => void ended.push((await pageSource(parts, handover, { runId: 'r_1', segment: 0 })).state)),
        new MockActivityEnvironment().run(async () => void ended.push((await writeBatches(parts, handover, { runId: 'r_1', segment: 0 })).state)),
      ]);
      assert.deepEqual(ended, ['closed', 'drained']);
      assert.deepEqual(before, [...Array.from({ length: PAGES }).keys()], 'each page says how many go before it');
      assert.deepEqual(
        rooms,
        Array.from({ length: PAGES }, () => PAGE),
        'each page waits for room',
      );
      assert.deepEqual([written.length, new Set(written).size], [PAGES * PAGE, PAGES * PAGE]);
      assert.equal((await ledger.deriveTotals('r_1')).written, PAGES * PAGE);
      // The first goes the long way: it shows that nothing holds requests back.
      fastEnough(handed >= PAGES / 2, `${handed} of ${PAGES} pages were handed over`);
    }),
  );

  it('is planned again where it gets no permit, and nothing was sent', async (context) => {
    const write = await OneWrite.begin(context);
    await write.stage();
    const batch = await write.claim();
    assert.ok(batch);
    await assert.rejects(write.sendWithoutPermit(batch), /no permit/);
    assert.equal(write.made(), 0);
    assert.deepEqual(await write.ledger.readBacklog('r_1', 0), { planned: 1, inFlight: 0, unknown: 0, isClosed: false });
  });
});

function project(baseUrl: string): Readonly<Record<string, string>> {
  return {
    'syncline.yaml': 'name: acme\n',
    'connections/shop.yaml': `
connector: generic-rest
shared: true
baseUrl: ${baseUrl}
objects:
  lines: { primaryKey: number, list: { get: /lines, records: data, page: { type: cursor, cursor: next, param: page } } }
  orders: { upsert: { post: /orders, max: ${PAGE}, body: { items: "{records}" }, results: { at: results, by: index, id: id } } }
`,
    'syncs/orders.yaml': `
source: { connection: shop, object: lines }
target: { connection: shop, object: orders, matchOn: number }
mapping: { number: number }
`,
  };
}
