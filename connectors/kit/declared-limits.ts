import type { Connector } from '../../definition/schema/connector.ts';
import { parseDuration } from '../../engine/duration.ts';
import { keepsEndpointLimit } from './endpoint-limits.ts';
import { askedOf } from './error-rows.ts';
import { type KitBench, onVendor } from './kit-account.ts';
import { expectFailure, expectSame, expectThat, type KitRow, tryRow, Untried } from './kit-row.ts';
import type { AnswerRequest, VendorRequest } from './mock-vendor.ts';
import { keepsPoints } from './points-of-cost.ts';
import { keepsTold, keepsToldQuota } from './told-limits.ts';

/** What the spacing of requests is measured over, and how late a timer of a busy machine may be. */
const MEASURED_MS = 600;
const MOST_REQUESTS = 12;
/** The first requests may make up for timers that are late: see the pacer. */
const SLACK_MS = 30;
/** A quota in the place of a declared one: nobody waits for a day. */
const SHORT = { count: 3, ms: 300 };
/** No wait of so long is sat out. */
const TOO_LONG_MS = 30_000;
/** Longer than a request that is let go too early would take to arrive. */
const SETTLED_MS = 30;
const REFUSED: AnswerRequest = () => ({ status: 422, body: { message: 'no' } });

type Window = NonNullable<NonNullable<Connector['limits']>['requests']>[number];

/** That what the connector declares of its limits is kept: windows that are spaced, quotas of a longer time, points, requests at once. */
export async function declaredRows(bench: KitBench): Promise<readonly KitRow[]> {
  const { requests = [], endpoints = [], cost, quota, headers, concurrency } = bench.connector.limits ?? {};
  const row = (name: string, work: () => Promise<void>) => tryRow({ operation: 'limits', name }, work);
  const paced = requests.filter((window) => !isQuota(window));
  const quotas = requests.filter(isQuota);
  const ofEndpoints: KitRow[] = [];
  for (const [index, limit] of endpoints.entries()) ofEndpoints.push(await row(`of endpoints, ${index + 1}`, () => keepsEndpointLimit(bench, limit)));
  return [
    ...ofEndpoints,
    ...(paced.length > 0 ? [await row('declared windows', () => keepsPace(bench, paced))] : []),
    ...(quotas.length > 0 ? [await row('a quota that is spent', () => keepsQuotas(bench, quotas))] : []),
    ...(quota === undefined ? [] : [await row('a quota that answers tell', () => keepsToldQuota(bench, quota))]),
    ...(headers?.remaining === undefined ? [] : [await row('headers that tell the limit', () => keepsTold(bench, headers))]),
    ...(cost === undefined ? [] : [await row('points of cost', () => keepsPoints(bench, cost))]),
    ...(concurrency === undefined ? [] : [await row('requests at once', () => keepsPlaces(bench, concurrency))]),
    ...(requests.length === 0 && cost === undefined && quota === undefined ? [await row('declared windows', nothingDeclared)] : []),
  ];
}

/** As the limiter takes it. */
function isQuota({ per, spread }: Window): boolean {
  return !(spread ?? (parseDuration(per) ?? 0) <= 60_000);
}

async function nothingDeclared(): Promise<void> {
  throw new Untried('the connector declares no window: the pace is learned from answers.');
}

/** The slowest decides: its requests come one by one. */
async function keepsPace(bench: KitBench, windows: readonly Window[]): Promise<void> {
  const spaced = windows.map(({ count, per }) => ({ count, perMs: parseDuration(per) ?? 0 }));
  const [slowest] = spaced.toSorted((one, other) => other.perMs / other.count - one.perMs / one.count);
  if (slowest === undefined) return;
  const spacingMs = slowest.perMs / slowest.count;
  const count = Math.min(MOST_REQUESTS, Math.max(3, Math.ceil(MEASURED_MS / spacingMs)));
  // From the asking on: a machine that is busy may be late with the first, too.
  const startedAt = performance.now();
  const requests = await askAll(bench, count, { requests: [...windows] });
  const tookMs = Math.max(...requests.map(({ at }) => at)) - startedAt;
  const leastMs = (count - 1) * spacingMs - SLACK_MS;
  expectThat(tookMs >= leastMs, `${count} requests came within ${Math.round(tookMs)} ms: ${slowest.count} in ${slowest.perMs / 1_000} s are declared.`);
}

/** Each with fewer requests than are declared: who asks for one more learns when it may go. And with a shorter time: it goes then. */
async function keepsQuotas(bench: KitBench, quotas: readonly Window[]): Promise<void> {
  const { ask } = askedOf(bench.connector);
  for (const quota of quotas.filter(({ per }) => (parseDuration(per) ?? 0) > TOO_LONG_MS)) {
    const fewer = { ...quota, count: SHORT.count, spread: false };
    const sent = await onVendor(
      bench,
      REFUSED,
      async (connection) => {
        for (let asked = 0; asked < SHORT.count; asked++) await ask(connection).catch(() => undefined);
        const { retry } = await expectFailure(ask(connection), ['QUOTA_SPENT']);
        const leastMs = (parseDuration(quota.per) ?? 0) / 2;
        expectThat(typeof retry === 'object' && retry.afterMs > leastMs, `${quota.per} are declared, and the wait is not told.`);
      },
      { requests: [fewer] },
    );
    expectSame(sent.length, SHORT.count, `requests in ${quota.per}, of which ${SHORT.count} are allowed`);
  }
  const startedAt = performance.now();
  const requests = await askAll(bench, SHORT.count + 1, { requests: [{ count: SHORT.count, per: `${SHORT.ms}ms`, spread: false }] });
  const last = Math.max(...requests.map(({ at }) => at)) - startedAt;
  expectSame(requests.length, SHORT.count + 1, 'requests once the quota is there again');
  expectThat(last >= SHORT.ms - SLACK_MS, `the quota of ${SHORT.ms} ms was spent, and a request came after ${Math.round(last)} ms.`);
}

/** Twice as many ask as may: nobody is answered before as many are there. */
async function keepsPlaces(bench: KitBench, places: number): Promise<void> {
  let inFlight = 0;
  let most = 0;
  const full = Promise.withResolvers<void>();
  const answer: AnswerRequest = async () => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    if (inFlight >= places) setTimeout(full.resolve, SETTLED_MS);
    await full.promise;
    inFlight -= 1;
    return { status: 422, body: { message: 'no' } };
  };
  await askAll(bench, places * 2, { concurrency: places }, answer);
  expectSame(most, places, 'requests in flight at once');
}

function askAll(bench: KitBench, count: number, limits: Connector['limits'], answer = REFUSED): Promise<readonly VendorRequest[]> {
  const { ask } = askedOf(bench.connector);
  return onVendor(
    bench,
    answer,
    async (connection) => {
      await Promise.all(Array.from({ length: count }, () => ask(connection).catch(() => undefined)));
    },
    limits,
  );
}
