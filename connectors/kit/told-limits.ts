import type { Connector } from '../../definition/schema/connector.ts';
import { parseDuration } from '../../engine/duration.ts';
import { askedOf } from './error-rows.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { expectFailure, expectSame, expectThat } from './kit-row.ts';
import type { AnswerRequest } from './mock-vendor.ts';

type Limits = NonNullable<Connector['limits']>;

/** Of a quota that the vendor has. */
const COUNT = 5_000;
/** What it says until the window ends. */
const RESET_SECONDS = 60;

/** The vendor tells that two requests are left, then one, then none: the third asks nothing, and learns when it may. */
export async function keepsToldQuota(bench: KitBench, quota: NonNullable<Limits['quota']>): Promise<void> {
  let left = 2;
  const answer: AnswerRequest = () => {
    left -= 1;
    const places = { used: COUNT - left, remaining: left, count: COUNT };
    const text = quota.format.replaceAll(/\{(used|remaining|count)\}/g, (_, place: keyof typeof places) => String(places[place]));
    return { status: 422, headers: { [quota.header.toLowerCase()]: text }, body: { message: 'no' } };
  };
  const code = (parseDuration(quota.per) ?? 0) >= 3_600_000 ? 'QUOTA_SPENT' : undefined;
  await stopsAfter(bench, { quota }, answer, 2, code);
}

/** Nothing remains in the window, and the vendor says when it ends. */
export async function keepsTold(bench: KitBench, { limit, remaining, reset }: NonNullable<Limits['headers']>): Promise<void> {
  const told = [
    [limit, '100'],
    [remaining, '0'],
    [reset ?? 'x-ratelimit-reset', String(RESET_SECONDS)],
  ].flatMap(([name, value]) => (name === undefined ? [] : [[name.toLowerCase(), value]]));
  const answer: AnswerRequest = () => ({ status: 422, headers: Object.fromEntries(told), body: { message: 'no' } });
  await stopsAfter(bench, { headers: { limit, remaining, reset } }, answer, 1, 'RATE_LIMITED', RESET_SECONDS * 1_000);
}

async function stopsAfter(bench: KitBench, limits: Limits, answer: AnswerRequest, count: number, code?: string, waitMs?: number): Promise<void> {
  const { ask } = askedOf(bench.connector);
  const requests = await onVendor(
    bench,
    answer,
    async (connection) => {
      for (let asked = 0; asked < count; asked++) await ask(connection).catch(() => undefined);
      if (code === undefined) return;
      const { retry } = await expectFailure(ask(connection), [code]);
      const afterMs = typeof retry === 'object' ? retry.afterMs : 0;
      expectThat(afterMs > 0 && (waitMs === undefined || Math.abs(afterMs - waitMs) <= 2_000), `the wait that is told is ${afterMs} ms.`);
    },
    limits,
  );
  expectSame(requests.length, count, 'requests until nothing is left');
}
