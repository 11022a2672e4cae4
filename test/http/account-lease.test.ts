import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError } from '../../engine/errors.ts';
import { Limiter, type LimiterOptions } from '../../http/limiter.ts';
import type { BudgetAsk, BudgetLease, SharedBudget } from '../../http/shared-budget.ts';
import { fastEnough, inTime } from '../support/in-time.ts';

const silent = () => undefined;
const unavailable = () => Promise.reject(new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'backoff', message: 'the disk is full' }));

/** A store that answers as it is told, and remembers what it was asked. */
class TestBudget implements SharedBudget {
  readonly asks: BudgetAsk[] = [];
  readonly blocks: number[] = [];
  released = 0;
  answer: (ask: BudgetAsk) => Promise<Partial<BudgetLease>> = async () => ({});

  async leaseLimits(ask: BudgetAsk): Promise<BudgetLease> {
    this.asks.push(ask);
    return {
      share: 1,
      holders: 1,
      places: ask.places?.of ?? 0,
      meters: ask.meters.map(({ wanted }) => ({ granted: wanted, waitMs: 0 })),
      ...(await this.answer(ask)),
    };
  }

  async releaseLimits(): Promise<void> {
    this.released += 1;
  }

  async blockAccount(_account: string, { ms }: { readonly ms: number }): Promise<void> {
    this.blocks.push(ms);
  }
}

function open(context: TestContext, options: Partial<LimiterOptions>): { readonly budget: TestBudget; readonly limiter: Limiter } {
  const budget = new TestBudget();
  const shared = { budget, account: 'acme/dev/crm', holder: 'one' };
  const limiter = new Limiter({ name: 'crm', windows: [], concurrency: 8, shared, ...options });
  context.after(() => limiter.close(new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message: 'closed' })));
  return { budget, limiter };
}

const FAST = { windows: [{ count: 1_000, perMs: 1_000 }] };

/** Asks for so many places in turn, and uses them. */
async function use(limiter: Limiter, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const place = await limiter.acquire(undefined, silent);
    place.markUsed();
    place.release();
  }
}

describe('a client that shares its account', () => {
  it(
    'asks the store now and then, not for each request',
    inTime(async (context) => {
      const { budget, limiter } = open(context, FAST);
      await use(limiter, 500);
      fastEnough(budget.asks.length <= 5, `${budget.asks.length} asked`);
    }),
  );

  it('gives everything back when it has nothing to send for a while, and asks anew when it has', async (context) => {
    const { budget, limiter } = open(context, FAST);
    await use(limiter, 1);
    await sleep(1_300);
    assert.equal(budget.released, 1);
    const asked = budget.asks.length;
    await sleep(400);
    assert.equal(budget.asks.length, asked, 'silent');
    await use(limiter, 1);
    assert.equal(budget.asks.length, asked + 1);
  });

  it(
    'goes as fast as its share allows, from the moment it is told',
    inTime(async (context) => {
      const { budget, limiter } = open(context, { windows: [{ count: 100, perMs: 1_000 }] });
      budget.answer = async () => ({ share: 0.25, holders: 2 });
      const startedAt = performance.now();
      await use(limiter, 11);
      const tookMs = performance.now() - startedAt;
      assert.ok(tookMs > 340, `${tookMs} ms for ten pauses of 40`);
      fastEnough(tookMs < 700, `${tookMs} ms for ten pauses of 40`);
    }),
  );

  it(
    'says how much it could use: all while requests wait for the pace, else what it used',
    inTime(async (context) => {
      const { budget, limiter } = open(context, { windows: [{ count: 100, perMs: 1_000 }] });
      for (const end = performance.now() + 900; performance.now() < end; await sleep(100)) await use(limiter, 1);
      const last = budget.asks.at(-1)?.demand ?? 0;
      fastEnough(last > 0.05 && last < 0.3, `${last} of 100/s where 10/s are used`);
      const before = budget.asks.length;
      await use(limiter, 40);
      await sleep(260);
      fastEnough(
        budget.asks.slice(before).some(({ demand }) => demand === 1),
        'it used less than its part, or had asked again when nothing waited any more',
      );
    }),
  );

  it(
    'does not ask for all when a request waits until it is due, but much of its part is not used',
    inTime(async (context) => {
      const { budget, limiter } = open(context, { windows: [{ count: 100, perMs: 1_000 }] });
      for (const end = performance.now() + 1_200; performance.now() < end; await sleep(150)) await use(limiter, 5);
      const last = budget.asks.at(-1)?.demand ?? 0;
      fastEnough(last > 0.01 && last < 0.7, `${last} of 100/s where some 30/s are used`);
    }),
  );

  it(
    'without a share waits for one, and asks sooner',
    inTime(async (context) => {
      const { budget, limiter } = open(context, FAST);
      budget.answer = async () => ({ share: budget.asks.length < 3 ? 0 : 0.5, holders: 2 });
      const startedAt = performance.now();
      await use(limiter, 1);
      const tookMs = performance.now() - startedAt;
      assert.ok(tookMs > 100, `${tookMs} ms`);
      fastEnough(tookMs < 600, `${tookMs} ms`);
    }),
  );

  it('that is told of a pause keeps it, and tells the others of its own', async (context) => {
    const { budget, limiter } = open(context, {});
    await use(limiter, 1);
    budget.answer = async () => ({ block: { ms: 60_000, reason: 'quota' } });
    await sleep(700);
    await assert.rejects(use(limiter, 1), { code: 'QUOTA_SPENT', message: 'The quota of crm is spent: Syncline goes on in 60 s.' });
    assert.deepEqual(budget.blocks, [], 'what it was told is not told again');
    limiter.pauseFor(120_000, 'asked');
    limiter.pauseFor(120_001, 'asked');
    assert.deepEqual(budget.blocks, [120_000]);
  });

  it('uses of a quota what it was given, and no more', async (context) => {
    const { budget, limiter } = open(context, { windows: [{ count: 1_000, perMs: 86_400_000 }] });
    let left = 7;
    budget.answer = async ({ meters: [meter] }) => {
      const granted = Math.max(0, Math.min(left, (meter?.wanted ?? 0) - (meter?.held ?? 0)));
      left -= granted;
      return { meters: [{ granted, waitMs: granted + (meter?.held ?? 0) > 0 ? 0 : 7_200_000 }] };
    };
    await use(limiter, 7);
    await assert.rejects(use(limiter, 1), { code: 'QUOTA_SPENT', message: 'The declared quota of crm is spent: Syncline goes on in 2 h.' });
  });
});

describe('a store that does not answer', () => {
  it(
    'fails those who may not go without it, once what was had is over',
    inTime(async (context) => {
      const { budget, limiter } = open(context, FAST);
      budget.answer = unavailable;
      await assert.rejects(use(limiter, 1), { code: 'STORE_UNAVAILABLE', message: 'the disk is full' });
      budget.answer = async () => ({});
      await use(limiter, 1);
      const asks = budget.asks.length;
      budget.answer = unavailable;
      const usedAt = performance.now();
      await sleep(400);
      fastEnough(performance.now() - usedAt < 550, 'who has asked for nothing so long gives back what it has');
      await use(limiter, 1);
      assert.ok(budget.asks.length > asks, 'it asked, and was not answered');
    }),
  );

  it('holds nobody up where nothing is declared', async (context) => {
    const { budget, limiter } = open(context, {});
    budget.answer = unavailable;
    await use(limiter, 100);
  });
});
