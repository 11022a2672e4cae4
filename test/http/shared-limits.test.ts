import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { weightOf } from '../../http/priority.ts';
import { fastEnough, inTime } from '../support/in-time.ts';
import { type ApiTerms, type LimitedApi, type LimitedProcess, startLimitedApi, startLimitedProcess } from './support/limited-api.ts';

type Options = Parameters<typeof startLimitedProcess>[0];
type Parties = Options['parties'];

const FIFTY = { requests: [{ count: 50, perMs: 1_000 }] };
const BUCKET = { perSecond: 50, size: 10 };
const party = (name: string, priority = 3, readers = 8): Parties[number] => ({ name, weight: weightOf(priority), readers });

interface Account {
  readonly api: LimitedApi;
  start(parties: Parties, ms: number): Promise<LimitedProcess>;
}

/** An API with an account that processes share through one ledger. */
async function account(context: TestContext, terms: ApiTerms, limits: Options['limits'], readsCost = false): Promise<Account> {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-limits-'));
  const api = await startLimitedApi(terms);
  const processes: LimitedProcess[] = [];
  context.after(async () => {
    for (const each of processes) each.kill();
    await Promise.all(processes.map(({ report }) => report));
    await api.stop();
    rmSync(directory, { recursive: true });
  });
  return {
    api,
    start: async (parties, ms) => {
      const started = await startLimitedProcess({ directory, url: api.url, limits, readsCost, parties, ms });
      processes.push(started);
      return started;
    },
  };
}

/** All begin together. @returns requests that came through, by party */
async function finish(processes: readonly LimitedProcess[]): Promise<Readonly<Record<string, number>>> {
  for (const each of processes) each.begin();
  const reports = await Promise.all(processes.map(({ report }) => report));
  const all: Record<string, number> = {};
  for (const [name, count] of reports.flatMap((report) => Object.entries(report?.done ?? {}))) all[name] = (all[name] ?? 0) + count;
  return all;
}

/** The most requests in any stretch of so long. */
function mostIn(times: readonly number[], perMs: number): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + perMs).length));
}

describe('processes that share an account', () => {
  it(
    'use what it allows together, and provoke no 429',
    inTime(async (context) => {
      const { api, start } = await account(context, { bucket: BUCKET, latencyMs: 5 }, FIFTY);
      await finish([await start([party('a')], 5_000), await start([party('b')], 5_000)]);
      assert.ok(api.refused() <= 1, `${api.refused()} refused`);
      fastEnough(api.accepted.length >= 220, `${api.accepted.length} of 250`);
    }),
  );

  it(
    'lose nothing to one that has little to do, and let it go when it comes',
    inTime(async (context) => {
      const { api, start } = await account(context, { bucket: BUCKET }, FIFTY);
      const done = await finish([await start([party('busy')], 5_000), await start([{ ...party('slow', 3, 1), pauseMs: 330 }], 5_000)]);
      assert.ok(api.refused() <= 1, `${api.refused()} refused`);
      fastEnough(api.accepted.length >= 215, `${api.accepted.length} of 250`);
      fastEnough((done['slow'] ?? 0) >= 10, `${done['slow']} of 14`);
    }),
  );

  it(
    'get their part by the priority of what they run, as syncs in one process do',
    inTime(async (context) => {
      const { start } = await account(context, { bucket: BUCKET }, FIFTY);
      const done = await finish([await start([party('first', 2), party('last', 4)], 5_000), await start([party('second', 2)], 5_000)]);
      const [first = 0, second = 0, last = 0] = [done['first'], done['second'], done['last']];
      fastEnough(first + second + last >= 215, `${first + second + last} of 250`);
      assert.ok(first / last > 2.8 && first / last < 5.5, `${first} : ${last}, not 4 : 1`);
      assert.ok(first / second > 0.7 && first / second < 1.4, `${first} : ${second}, not 1 : 1`);
    }),
  );

  it(
    'have all of it soon after another was killed',
    inTime(async (context) => {
      const { api, start } = await account(context, { bucket: BUCKET }, FIFTY);
      const [staying, killed] = [await start([party('a')], 6_000), await start([party('b')], 6_000)];
      for (const each of [staying, killed]) each.begin();
      await sleep(1_500);
      killed.kill();
      await sleep(2_600);
      const before = api.accepted.length;
      await staying.report;
      const perSecond = (api.accepted.length - before) / 1.9;
      assert.ok(perSecond < 53, `${perSecond}/s`);
      fastEnough(perSecond > 42, `${perSecond}/s`);
    }),
  );

  it(
    'all wait when the API asks one of them to',
    inTime(async (context) => {
      const { api, start } = await account(context, { bucket: { perSecond: 100, size: 100 }, retryAfterSeconds: 2 }, {});
      await finish([await start([{ ...party('hasty', 3, 8), pauseMs: 20 }], 4_000), await start([{ ...party('calm', 3, 1), pauseMs: 50 }], 4_000)]);
      const gaps = api.accepted.map((at, index) => at - (api.accepted[index - 1] ?? at));
      fastEnough(api.refused() > 0, 'it was asked too much');
      assert.ok(Math.max(...gaps) > 1_200, `nobody came for ${Math.max(...gaps)} ms`);
    }),
  );

  it(
    'divide the points that answers tell, and are refused none once they know of each other',
    inTime(async (context) => {
      const { api, start } = await account(context, { bucket: { perSecond: 400, size: 400, cost: 20 }, latencyMs: 40 }, {}, true);
      const done = await finish([await start([party('a')], 4_000), await start([party('b')], 4_000)]);
      assert.ok(api.refused(1_000) <= 1, `${api.refused(1_000)} refused`);
      fastEnough(api.accepted.length >= 80, `${api.accepted.length} of 100`);
      const [a = 0, b = 0] = [done['a'], done['b']];
      assert.ok(a / b > 0.5 && a / b < 2, `${a} : ${b}`);
    }),
  );

  it(
    'have no more requests in flight than it allows',
    inTime(async (context) => {
      const { api, start } = await account(context, { latencyMs: 30 }, { concurrency: 4 });
      const done = await finish([await start([party('a')], 3_000), await start([party('b')], 3_000)]);
      assert.ok(api.mostInFlight() <= 4, `${api.mostInFlight()} in flight`);
      fastEnough(api.mostInFlight() === 4, `${api.mostInFlight()} in flight`);
      const [a = 0, b = 0] = [done['a'], done['b']];
      fastEnough(a + b > 260, `${a + b} of 400`);
      assert.ok(a / b > 0.6 && a / b < 1.7, `${a} : ${b}`);
    }),
  );

  it(
    'never exceed a slow limit, also when one comes as another goes',
    inTime(async (context) => {
      const { api, start } = await account(context, {}, { requests: [{ count: 2, perMs: 3_000 }] });
      await finish([await start([party('a', 3, 2)], 3_200), await start([party('b', 3, 2)], 12_000)]);
      assert.ok(mostIn(api.accepted, 2_300) <= 2, 'three within its time, even where one was long on its way');
      fastEnough(api.accepted.length >= 7, `${api.accepted.length} of 8`);
    }),
  );
});

describe('a quota', () => {
  it(
    'is never exceeded by all processes together, also by those that start anew, and is used again when its time is over',
    inTime(async (context) => {
      const perMs = 4_000;
      const { api, start } = await account(context, {}, { requests: [{ count: 60, perMs, spread: false }] });
      const [first, second] = [await start([party('a', 3, 2)], 10_000), await start([party('b', 3, 2)], 10_000)];
      first.begin();
      second.begin();
      await sleep(500);
      const [third] = [await start([party('c', 3, 2)], 9_000)];
      first.kill();
      third.begin();
      await Promise.all([second.report, third.report]);
      assert.ok(mostIn(api.accepted, perMs) <= 60, `${mostIn(api.accepted, perMs)} within its time`);
      fastEnough(api.accepted.length >= 105, `${api.accepted.length} in two and a half times its time`);
    }),
  );

  it('that is spent for long fails with the time until it is new, also in a process that never used it', async (context) => {
    const { api, start } = await account(context, {}, { requests: [{ count: 10, perMs: 3_600_000 }] });
    await finish([await start([party('a', 3, 1)], 1_000)]);
    assert.equal(api.accepted.length, 10);
    const other = await start([party('b', 3, 1)], 500);
    other.begin();
    const [failure] = (await other.report)?.failures ?? [];
    assert.equal(failure?.code, 'QUOTA_SPENT');
    assert.ok(Math.abs((failure?.afterMs ?? 0) - 3_600_000) < 60_000, `${failure?.afterMs} ms`);
    assert.equal(api.accepted.length, 10);
  });
});
