import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError } from '../../engine/errors.ts';
import { announcedPauseMs, announcedWindows } from '../../http/limit-headers.ts';
import { Limiter, type LimiterOptions } from '../../http/limiter.ts';
import { retryAfterMs } from '../../http/retry-after.ts';
import { fastEnough, inTime } from '../support/in-time.ts';

const silent = () => undefined;
const limiter = (more: Partial<LimiterOptions>) => new Limiter({ name: 'crm', windows: [], concurrency: 8, ...more });

describe('the limiter', () => {
  it('lets no more requests in flight than there are places, in the order of asking', async () => {
    const two = limiter({ concurrency: 2 });
    const entered: number[] = [];
    const all = [1, 2, 3, 4].map(async (number) => {
      const place = await two.acquire(undefined, silent);
      entered.push(number);
      return place;
    });
    const [first, second] = await Promise.all(all.slice(0, 2));
    assert.deepEqual(entered, [1, 2]);
    second?.release();
    second?.release();
    await all[2];
    await sleep(5);
    assert.deepEqual(entered, [1, 2, 3]);
    first?.release();
    await all[3];
    assert.deepEqual(entered, [1, 2, 3, 4]);
  });

  it('one who leaves by his signal lets the others pass, and is forgotten by the signal when he entered', async () => {
    const one = limiter({ concurrency: 1 });
    const place = await one.acquire(undefined, silent);
    const controller = new AbortController();
    const leaver = one.acquire(controller.signal, silent);
    const next = one.acquire(undefined, silent);
    controller.abort(new Error('enough'));
    await assert.rejects(leaver, /enough/);
    place.release();
    (await next).release();
    await assert.rejects(one.acquire(controller.signal, silent), /enough/);
    const later = new AbortController();
    const held = await one.acquire(later.signal, silent);
    const waiting = one.acquire(undefined, silent);
    later.abort();
    held.release();
    (await waiting).release();
  });

  it(
    'a place given back unused costs nothing of the pace',
    inTime(async () => {
      const slow = limiter({ windows: [{ count: 2, perMs: 1_000 }] });
      (await slow.acquire(undefined, silent)).release();
      const startedAt = performance.now();
      const used = await slow.acquire(undefined, silent);
      fastEnough(performance.now() - startedAt < 100, 'it waited');
      used.markUsed();
      used.release();
      await slow.acquire(undefined, silent);
      assert.ok(performance.now() - startedAt > 400);
    }),
  );

  it(
    'a changed pace holds for those who wait already',
    inTime(async () => {
      const tuned = limiter({ concurrency: 1 });
      await tuned.acquire(undefined, silent);
      const waiting = tuned.acquire(undefined, silent);
      tuned.setPace({ concurrency: 2 });
      await waiting;
      tuned.setPace({ requestsPerSecond: 20, concurrency: 50 });
      const startedAt = performance.now();
      for (let count = 0; count < 5; count++) (await tuned.acquire(undefined, silent)).markUsed();
      const tookMs = performance.now() - startedAt;
      assert.ok(tookMs > 120, `${tookMs}`);
      fastEnough(tookMs < 400, `${tookMs}`);
    }),
  );

  it('a short pause holds everyone; those who wait longer than a second are told once', async () => {
    const paused = limiter({});
    const waits: string[] = [];
    paused.pauseFor(1_100, 'asked');
    const startedAt = performance.now();
    const tell = (ms: number, reason: string) => waits.push(`${reason} ${Math.round(ms / 100)}`);
    const both = [paused.acquire(undefined, tell), paused.acquire(undefined, tell)];
    paused.setPace({});
    await Promise.all(both);
    assert.ok(performance.now() - startedAt >= 1_095);
    assert.deepEqual(waits, ['crm asked to wait 11']);
  });

  it('a long pause and a spent quota are errors with the wait in them, for those who wait, too', async () => {
    const one = limiter({ concurrency: 1 });
    await one.acquire(undefined, silent);
    const waiting = one.acquire(undefined, silent);
    one.pauseFor(30_000, 'asked');
    const isLimited = (error: unknown) =>
      error instanceof SyncError &&
      error.code === 'RATE_LIMITED' &&
      typeof error.retry === 'object' &&
      error.retry.afterMs <= 30_000 &&
      error.retry.afterMs > 20_000;
    await assert.rejects(waiting, isLimited);
    await assert.rejects(one.acquire(undefined, silent), isLimited);

    const daily = limiter({ windows: [{ count: 1, perMs: 86_400_000 }] });
    (await daily.acquire(undefined, silent)).markUsed();
    await assert.rejects(daily.acquire(undefined, silent), (error: unknown) => {
      assert.ok(error instanceof SyncError);
      assert.equal(error.code, 'QUOTA_SPENT');
      assert.equal(error.message, 'The declared quota of crm is spent: Syncline goes on in 24 h.');
      assert.ok(typeof error.retry === 'object' && error.retry.afterMs > 86_390_000);
      return true;
    });
  });

  it('a closed limiter sends those who wait away', async () => {
    const one = limiter({ concurrency: 1 });
    await one.acquire(undefined, silent);
    const waiting = one.acquire(undefined, silent);
    void one.close(new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message: 'closed' }));
    await assert.rejects(waiting, /closed/);
    await assert.rejects(one.acquire(undefined, silent), /closed/);
  });
});

describe('what answers say of limits', () => {
  const now = Date.parse('2026-01-02T03:04:05Z');

  it('Retry-After in seconds, as a date by the clock of the answer, or as a moment', () => {
    assert.equal(retryAfterMs({ 'retry-after': '7' }, now), 7_000);
    assert.equal(retryAfterMs({ 'retry-after': 'Fri, 02 Jan 2026 03:04:10 GMT' }, now), 5_000);
    assert.equal(retryAfterMs({ 'retry-after': 'Fri, 02 Jan 2026 04:00:10 GMT', date: 'Fri, 02 Jan 2026 04:00:00 GMT' }, now), 10_000);
    assert.equal(retryAfterMs({ 'retry-after': 'Fri, 02 Jan 2026 03:04:00 GMT' }, now), 0);
    assert.equal(retryAfterMs({ 'retry-after': String(now / 1_000 + 3) }, now), 3_000);
    assert.equal(retryAfterMs({ 'retry-after': '-40' }, now), 0);
    assert.equal(retryAfterMs({ 'retry-after': '5, 9, 7' }, now), 9_000);
    assert.equal(retryAfterMs({ 'retry-after': 'soon' }, now), undefined);
    assert.equal(retryAfterMs({}, now), undefined);
  });

  it('a time without a zone is UTC, wherever the worker is', (context) => {
    const { TZ } = process.env;
    context.after(() => {
      if (TZ === undefined) delete process.env['TZ'];
      else process.env['TZ'] = TZ;
    });
    process.env['TZ'] = 'America/New_York';
    const moments = ['2026-01-02 03:04:10', '2026-01-02T03:04:10', '2026-01-02 03:04:10 UTC', '2026-01-02T04:04:10+01:00', 'Fri Jan  2 03:04:10 2026'];
    for (const moment of moments) assert.equal(retryAfterMs({ 'retry-after': moment }, now), 5_000, moment);
  });

  it('nothing remaining, until a reset in seconds, as an epoch or as a date', () => {
    const pause = (headers: Record<string, string>, names?: Parameters<typeof announcedPauseMs>[1]) => announcedPauseMs(headers, names, now);
    assert.equal(pause({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '12' }), 12_000);
    assert.equal(pause({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1_000 + 2) }), 2_000);
    assert.equal(pause({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now + 1_500) }), 1_500);
    assert.equal(pause({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2026-01-02T03:04:09Z' }), 4_000);
    assert.equal(pause({ 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': '12' }), undefined);
    assert.equal(pause({ 'x-ratelimit-remaining': '0' }), undefined);
    assert.equal(pause({ 'x-left': '0', 'x-back': '4' }, { remaining: 'X-Left', reset: 'X-Back' }), 4_000);
    assert.equal(pause({ ratelimit: '"burst";r=0;t=2, "daily";r=0;t=30, "other";r=5;t=99' }), 30_000);
    assert.equal(pause({ ratelimit: 'limit=100, remaining=0, reset=8' }), 8_000);
    assert.equal(pause({ ratelimit: '"default";r=10;t=8' }), undefined);
  });

  it('windows that a policy declares', () => {
    assert.deepEqual(announcedWindows({ 'ratelimit-policy': '"burst";q=10;w=1, "daily";q=5000;w=86400' }), [
      { count: 10, perMs: 1_000 },
      { count: 5_000, perMs: 86_400_000 },
    ]);
    assert.deepEqual(announcedWindows({ 'ratelimit-policy': '100;w=60' }), [{ count: 100, perMs: 60_000 }]);
    assert.deepEqual(announcedWindows({}), []);
  });
});
