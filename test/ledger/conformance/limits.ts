import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ledger } from '../../../ledger/ledger.ts';
import type { LimitAsk, LimitLease, MeterAsk } from '../../../ledger/limit-store.ts';
import { closing, type OpenStore } from './open-store.ts';

const ACCOUNT = 'acme/dev/crm';
const DAY_MS = 86_400_000;
const NOON = Date.UTC(2026, 0, 5, 12);

const ask = (ledger: Ledger, holder: string, more: Partial<LimitAsk> = {}): Promise<LimitLease> =>
  ledger.leaseLimits({ account: ACCOUNT, holder, weight: 4, demand: 1, meters: [], leaseMs: 2_000, at: NOON, ...more });

const quota = (held: number, wanted: number, more: Partial<Extract<MeterAsk, { readonly kind: 'quota' }>> = {}): MeterAsk => ({
  kind: 'quota',
  perMs: DAY_MS,
  count: 100,
  held,
  wanted,
  ...more,
});
const everySecond = (held: number, wanted: number): MeterAsk => ({ kind: 'spaced', perMs: 60_000, intervalMs: 1_000, held, wanted });
const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 0.001, `${actual}, not ${expected}`);

export function limitsConformance(openStore: OpenStore): void {
  describe('the limits of an account', () => {
    const open = closing(openStore);
    paceConformance(open);
    placesConformance(open);
    metersConformance(open);
    blocksConformance(open);
  });
}

function paceConformance(open: OpenStore): void {
  it('are all for one who is alone, and divided by weight when others come: as soon as the first has let go of its part', async () => {
    const ledger = await open();
    near((await ask(ledger, 'a')).share, 1);
    const early = await ask(ledger, 'b', { weight: 12, at: NOON + 10 });
    assert.deepEqual([early.share, early.holders], [0, 2]);
    near((await ask(ledger, 'a', { at: NOON + 20 })).share, 0.25);
    near((await ask(ledger, 'b', { weight: 12, at: NOON + 30 })).share, 0.75);
  });

  it('go to who can use them', async () => {
    const ledger = await open();
    await ask(ledger, 'a', { demand: 0.1 });
    await ask(ledger, 'b');
    near((await ask(ledger, 'a', { demand: 0.1 })).share, 0.1);
    near((await ask(ledger, 'b')).share, 0.9);
  });

  it('are divided anew when one gives its part back, or does not renew it in time', async () => {
    const ledger = await open();
    for (let round = 0; round < 2; round++) for (const holder of ['a', 'b', 'c']) await ask(ledger, holder);
    await ledger.releaseLimits(ACCOUNT, 'c', [], NOON + 100);
    near((await ask(ledger, 'a', { at: NOON + 200 })).share, 1 / 2);
    near((await ask(ledger, 'a', { at: NOON + 1_999 })).share, 1 / 2);
    const alone = await ask(ledger, 'a', { at: NOON + 2_000 });
    assert.deepEqual([alone.share, alone.holders], [1, 1]);
  });

  it('never add up to more than there is, whoever comes, goes and asks in whatever order', async () => {
    const ledger = await open();
    const shares = new Map<string, { share: number; until: number }>();
    let random = 7;
    const next = (below: number) => {
      random = (random * 16_807) % 2_147_483_647;
      return random % below;
    };
    for (let at = NOON; at < NOON + 60_000; at += next(300)) {
      const holder = `h${next(5)}`;
      const { share } = await ask(ledger, holder, { at, weight: 1 + next(16), demand: next(11) / 10 });
      shares.set(holder, { share, until: at + 2_000 });
      const sum = [...shares.values()].reduce((total, each) => total + (each.until > at ? each.share : 0), 0);
      assert.ok(sum <= 1.000_001, `${sum} at ${at - NOON}`);
    }
  });

  it('of two accounts have nothing in common', async () => {
    const ledger = await open();
    near((await ask(ledger, 'a', { meters: [quota(0, 100)] })).share, 1);
    const other = await ask(ledger, 'b', { account: 'acme/dev/hubspot', meters: [quota(0, 100)] });
    assert.deepEqual([other.share, other.meters[0]?.granted], [1, 100]);
  });
}

function placesConformance(open: OpenStore): void {
  const places = async (ledger: Ledger, holder: string, inFlight: number, wanted: number, of = 8) =>
    (await ask(ledger, holder, { places: { of, inFlight, wanted } })).places;

  it('hold for requests in flight: those under way keep their place, the others get what is left', async () => {
    const ledger = await open();
    assert.equal(await places(ledger, 'a', 0, 8), 8);
    assert.equal(await places(ledger, 'b', 0, 8), 0);
    assert.equal(await places(ledger, 'a', 6, 8), 4);
    assert.equal(await places(ledger, 'b', 0, 8), 2, 'six are under way');
    assert.equal(await places(ledger, 'a', 3, 8), 4);
    assert.equal(await places(ledger, 'b', 2, 8), 4);
  });

  it('go round where there are fewer places than holders', async () => {
    const ledger = await open();
    const had: string[] = [];
    for (let at = NOON; at < NOON + 3_000; at += 100) {
      for (const holder of ['a', 'b', 'c']) {
        const lease = await ask(ledger, holder, { at, places: { of: 1, inFlight: 0, wanted: 2 } });
        if (lease.places === 1 && had.at(-1) !== holder) had.push(holder);
      }
    }
    assert.ok(had.length >= 6, had.join(' '));
    assert.equal(new Set(had).size, 3);
  });
}

function metersConformance(open: OpenStore): void {
  const granted = async (ledger: Ledger, holder: string, meter: MeterAsk, at = NOON) => (await ask(ledger, holder, { meters: [meter], at })).meters[0];

  it('hold for a quota, whoever uses it; what is had and not used is given back', async () => {
    const ledger = await open();
    assert.deepEqual(await granted(ledger, 'a', quota(0, 70)), { granted: 70, waitMs: 0 });
    assert.deepEqual(await granted(ledger, 'b', quota(0, 70)), { granted: 30, waitMs: 0 });
    assert.equal((await granted(ledger, 'b', quota(0, 1)))?.granted, 0);
    await granted(ledger, 'a', quota(20, 5));
    await ledger.releaseLimits(ACCOUNT, 'a', [quota(5, 0)], NOON);
    assert.equal((await granted(ledger, 'b', quota(0, 70)))?.granted, 20);
  });

  it('a spent quota tells when there is some of it again, and no stretch of its time ever holds more', async () => {
    const ledger = await open();
    await granted(ledger, 'a', quota(0, 60), NOON);
    await granted(ledger, 'a', quota(0, 40), NOON + DAY_MS / 2);
    const spent = await granted(ledger, 'a', quota(0, 10), NOON + DAY_MS / 2 + 1_000);
    assert.equal(spent?.granted, 0);
    const freeAt = NOON + DAY_MS / 2 + 1_000 + (spent?.waitMs ?? 0);
    assert.ok(freeAt >= NOON + DAY_MS && freeAt < NOON + DAY_MS * 1.02, `${(freeAt - NOON) / DAY_MS} days after`);
    assert.equal((await granted(ledger, 'a', quota(0, 100), freeAt - 1))?.granted, 0);
    assert.equal((await granted(ledger, 'a', quota(0, 100), freeAt))?.granted, 60);
  });

  it('of a quota that was made smaller count what was used before', async () => {
    const ledger = await open();
    await granted(ledger, 'a', quota(0, 90));
    const smaller = await granted(ledger, 'b', quota(0, 5, { count: 50 }));
    assert.ok(smaller?.granted === 0 && smaller.waitMs > 0);
  });

  it('of a quota keep what is too little for the one who asks', async () => {
    const ledger = await open();
    await granted(ledger, 'a', quota(0, 95));
    const few = await granted(ledger, 'b', quota(2, 10, { least: 8 }));
    assert.ok(few?.granted === 0 && few.waitMs > 0);
    assert.deepEqual(await granted(ledger, 'b', quota(2, 10, { least: 7 })), { granted: 5, waitMs: 0 });
  });

  it('let several spaced requests go as one, and the next after the time of all of them', async () => {
    const ledger = await open();
    assert.deepEqual(await granted(ledger, 'a', everySecond(0, 3)), { granted: 3, waitMs: 0 });
    assert.deepEqual(await granted(ledger, 'b', everySecond(0, 1), NOON + 500), { granted: 0, waitMs: 2_500 });
    await ledger.releaseLimits(ACCOUNT, 'a', [everySecond(2, 0)], NOON + 600);
    assert.deepEqual(await granted(ledger, 'b', everySecond(0, 1), NOON + 1_000), { granted: 1, waitMs: 0 });
  });

  it('let spaced requests go one by one, whoever asks', async () => {
    const ledger = await open();
    assert.deepEqual(await granted(ledger, 'a', everySecond(0, 1)), { granted: 1, waitMs: 0 });
    assert.deepEqual(await granted(ledger, 'b', everySecond(0, 1), NOON + 300), { granted: 0, waitMs: 700 });
    assert.deepEqual(await granted(ledger, 'b', everySecond(0, 1), NOON + 1_000), { granted: 1, waitMs: 0 });
    await ledger.releaseLimits(ACCOUNT, 'b', [everySecond(1, 0)], NOON + 1_001);
    assert.deepEqual(await granted(ledger, 'a', everySecond(0, 1), NOON + 1_010), { granted: 1, waitMs: 0 });
    assert.deepEqual(await granted(ledger, 'b', everySecond(0, 1), NOON + 1_020), { granted: 0, waitMs: 990 });
  });
}

function blocksConformance(open: OpenStore): void {
  it('block everyone until the last time that anybody was told, and no longer', async () => {
    const ledger = await open();
    await ledger.blockAccount(ACCOUNT, { ms: 5_000, reason: 'quota' }, NOON);
    await ledger.blockAccount(ACCOUNT, { ms: 2_000, reason: 'asked' }, NOON + 1_000);
    assert.deepEqual((await ask(ledger, 'a')).block, { ms: 5_000, reason: 'quota' });
    assert.equal((await ask(ledger, 'b', { account: 'acme/dev/hubspot' })).block, undefined);
    assert.equal((await ask(ledger, 'b', { at: NOON + 5_000 })).block, undefined);
    await ledger.blockAccount(ACCOUNT, { ms: 1_000, reason: 'asked' }, NOON + 5_000);
    assert.deepEqual((await ask(ledger, 'b', { at: NOON + 5_001 })).block, { ms: 999, reason: 'asked' });
  });

  it('are divided and blocked by the clock of the store, where no other is given', async () => {
    const ledger = await open();
    const asked = { account: ACCOUNT, weight: 4, demand: 1, meters: [], leaseMs: 60_000 };
    await ledger.leaseLimits({ ...asked, holder: 'a' });
    await ledger.blockAccount(ACCOUNT, { ms: 60_000, reason: 'asked' });
    const { holders, block } = await ledger.leaseLimits({ ...asked, holder: 'b' });
    assert.equal(holders, 2);
    assert.ok(block !== undefined && block.ms > 0 && block.ms <= 60_000, `${block?.ms}`);
    await ledger.releaseLimits(ACCOUNT, 'b', []);
    assert.equal((await ask(ledger, 'c', { at: Date.now() + 3_600_000 })).holders, 1);
  });
}
