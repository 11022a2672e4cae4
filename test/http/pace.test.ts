import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SyncError } from '../../engine/errors.ts';
import type { HttpClient } from '../../http/http-client.ts';
import { fastEnough, inTime } from '../support/in-time.ts';
import { type Answer, json, open, serve } from './local-server.ts';

/** A server with a bucket, as APIs enforce their limits. */
function bucket(perSecond: number, size: number): { readonly answer: Answer; readonly refused: () => number } {
  let level = size;
  let at = performance.now();
  let refused = 0;
  const answer: Answer = (_request, response) => {
    const now = performance.now();
    level = Math.min(size, level + ((now - at) / 1_000) * perSecond);
    at = now;
    if (level < 1) {
      refused += 1;
      return json(response, { message: 'slow down' }, 429);
    }
    level -= 1;
    json(response, {});
  };
  return { answer, refused: () => refused };
}

/** Several readers that never rest, for some time. @returns requests answered with success */
async function readFor(client: HttpClient, ms: number, readers: number): Promise<number> {
  const end = performance.now() + ms;
  let done = 0;
  const one = async () => {
    while (performance.now() < end) {
      await client.send({ method: 'GET', path: '/', repeat: 'read' }).then(
        () => (done += 1),
        (error: unknown) => assert.ok(error instanceof SyncError && error.code === 'RATE_LIMITED'),
      );
    }
  };
  await Promise.all(Array.from({ length: readers }, one));
  return done;
}

describe('the pace', { concurrency: true }, () => {
  it(
    'uses at least nine tenths of a declared limit, and provokes almost no 429',
    inTime(async (context) => {
      const limit = bucket(50, 10);
      const server = await serve(context, limit.answer);
      const client = open(context, server.url, { limits: { requests: [{ count: 50, perMs: 1_000 }] } });
      const done = await readFor(client, 4_000, 8);
      fastEnough(done >= 180, `${done} of 200`);
      assert.ok(limit.refused() <= 1, `${limit.refused()} refused`);
    }),
  );

  it(
    'holds two windows at once',
    inTime(async (context) => {
      const server = await serve(context, (_request, response) => json(response, {}));
      const limits = {
        requests: [
          { count: 40, perMs: 1_000 },
          { count: 8, perMs: 100 },
          { count: 50, perMs: 61_000 },
        ],
        concurrency: 16,
      };
      const client = open(context, server.url, { limits });
      const results = await Promise.allSettled(Array.from({ length: 52 }, () => client.send({ method: 'GET', path: '/', repeat: 'read' })));
      const refused = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
      assert.deepEqual(
        refused.map((error: SyncError) => error.code),
        ['QUOTA_SPENT', 'QUOTA_SPENT'],
      );
      const times = server.received.map(({ at }) => at);
      const inWindow = (perMs: number) => Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + perMs).length));
      // A little less than the windows: what leaves evenly does not arrive evenly.
      assert.ok(inWindow(900) <= 40, `${inWindow(900)} in a second`);
      assert.ok(inWindow(80) <= 8, `${inWindow(80)} in a tenth`);
    }),
  );

  it(
    'finds the limit of an API that declares none',
    inTime(async (context) => {
      const limit = bucket(50, 10);
      const server = await serve(context, limit.answer);
      const done = await readFor(open(context, server.url), 4_000, 8);
      const share = limit.refused() / (limit.refused() + done);
      assert.ok(done >= 120, `${done} of 210`);
      assert.ok(share < 0.15, `${limit.refused()} refused of ${done}`);
    }),
  );
});
