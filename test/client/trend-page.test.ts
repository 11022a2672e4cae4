import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { dailyRequests } from '../../client/trend-page/daily-requests.ts';
import { changeWords, figureWords } from '../../client/trend-page/figure-words.ts';
import { kpisOf } from '../../client/trend-page/kpis.ts';
import { trendRuns } from '../../client/trend-page/trend-runs.ts';
import { ZERO_TOTALS } from '../../engine/outcome.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { TestProject } from './test-project.ts';
import { PRIVATE, trendProject } from './trend-project.ts';

const SYNC = 'contacts-to-hubspot';
const HOUR = 3_600_000;
const count = z.number();
const documentSchema = z.object({
  outcomes: z.object({ good: count, bad: count }),
  runs: z.array(
    z.object({ id: z.string(), at: z.iso.datetime(), lagMs: count.nullable(), latencyMs: z.object({ p95: count }), failedShare: count, bytesOfPage: count }),
  ),
  kpis: z.array(z.object({ name: z.string(), median: count.nullable(), before: count.nullable(), after: count.nullable(), change: count.nullable() })),
  days: z.array(z.object({ day: z.iso.date(), requests: count, throttled: count })),
  quotas: z.array(z.object({ connection: z.string(), perDay: count })),
  errors: z.array(z.object({ message: z.string() })),
});

describe('syncline report SYNC', () => {
  const RUNS = 16;
  let project: TestProject;
  before(async () => {
    project = await trendProject(RUNS);
  });
  after(() => project.remove());

  it('tells of the runs of a time: their figures, halves beside one another, requests by day beside the quota', async () => {
    const { code, stdout } = await project.cli(['report', SYNC, '--json']);
    assert.equal(code, 0);
    const { outcomes, runs, kpis, days, quotas, errors } = documentSchema.parse(JSON.parse(stdout));
    assert.deepEqual([runs.length, outcomes], [RUNS, { good: RUNS - 1, bad: 1 }]);
    const [first, second] = runs;
    assert.deepEqual([first?.id, first?.lagMs, first?.latencyMs.p95, first?.bytesOfPage, first?.failedShare], ['r_000', null, 80, 12_000, 0]);
    assert.ok((second?.lagMs ?? 0) > 12 * HOUR && (second?.lagMs ?? 0) < 12.1 * HOUR);
    const afterFailure = runs[RUNS / 2 + 1]?.lagMs ?? 0;
    assert.ok(runs[RUNS / 2]?.lagMs === null && afterFailure > 24 * HOUR, 'what a failed run has left is as old as the good one before it');
    const runTime = kpis.find(({ name }) => name === 'run time');
    assert.ok((runTime?.change ?? 0) > 0.05 && (runTime?.after ?? 0) > (runTime?.before ?? 0), 'they become slower');
    assert.ok(days.reduce((sum, { requests }) => sum + requests, 0) > 12 * RUNS);
    assert.ok(days.some(({ throttled }) => throttled > 0) && days.length >= RUNS / 2);
    assert.deepEqual(quotas, [{ connection: 'hubspot', perDay: 250_000 }]);
    assert.deepEqual(
      errors.map(({ message }) => message),
      ['Value … of … is not valid'],
    );
    const few = documentSchema.parse(JSON.parse((await project.cli(['report', SYNC, '--last', '66h', '--json'])).stdout));
    assert.deepEqual([few.runs.length, few.runs.at(-1)?.id], [4, 'r_015']);
  });

  it('is one file that links the pages of runs it was asked for, and has no key, id or value of a record', async () => {
    const file = join(project.directory, 'month.html');
    const { code, stdout, stderr } = await project.cli(['report', SYNC, '--runs', '2', '--out', file]);
    assert.deepEqual([code, stdout], [0, `✓ ${file} and 2 pages of runs in month-runs\n`], stderr);
    const html = readFileSync(file, 'utf8');
    for (const word of PRIVATE) assert.ok(!html.includes(word), word);
    assert.deepEqual(
      [...html.matchAll(/<a href="([^"]*)">/g)].map(([, link]) => link),
      ['month-runs/r_015.html', 'month-runs/r_014.html'],
    );
    for (const id of ['r_014', 'r_015']) assert.match(readFileSync(join(project.directory, 'month-runs', `${id}.html`), 'utf8'), /^<!doctype html>/);
    assert.ok(!existsSync(join(project.directory, 'month-runs/r_013.html')));
    assert.match(html, /content="default-src 'none'; style-src 'sha256-/);
  });

  it('of a time without a run says so, and what is no sync is refused', async () => {
    const file = join(project.directory, 'none.html');
    assert.equal((await project.cli(['report', SYNC, '--last', '1h', '--out', file])).code, 0);
    assert.match(readFileSync(file, 'utf8'), /No run of contacts-to-hubspot began in this time\./);
    const unknown = await project.cli(['report', 'contact', '--last', '7d']);
    assert.deepEqual([unknown.code, /acme has no sync "contact"/.test(unknown.stderr)], [2, true]);
  });
});

describe('the figures of a time', () => {
  const run = (id: string, at: number, more: Partial<Run> = {}): Run => ({
    id,
    scope: 'acme/dev/contacts',
    trigger: 'schedule',
    options: {},
    state: 'completed',
    phase: 'done',
    requestedAt: at,
    startedAt: at,
    endedAt: at + 1_000,
    window: {},
    control: { paused: false },
    waits: [],
    totals: { ...ZERO_TOTALS, read: 10, written: 8, rejected: 2, requests: 5 },
    ...more,
  });

  it('are of runs that ended and did all; the others have no part in a trend, and do not move the lag', () => {
    const runs = trendRuns([run('a', 0), run('b', 10_000, { options: { keys: ['1'] } }), run('c', 20_000), run('d', 30_000, { state: 'running' })], [], 40_000);
    assert.deepEqual(
      runs.map(({ isRegular, lagMs }) => [isRegular, lagMs]),
      [
        [true, null],
        [false, null],
        [true, 21_000],
        [false, null],
      ],
    );
    assert.deepEqual([runs[0]?.errorShare, runs[0]?.recordsPerSecond, runs[0]?.latencyMs], [0.2, 10, null]);
    const [time] = kpisOf(runs, 10_000);
    assert.deepEqual(time, { name: 'run time', unit: 'ms', median: 1_000, p95: 1_000, before: 1_000, after: 1_000, change: 0, isMoreBetter: false });
    assert.deepEqual(kpisOf([], 0)[0]?.median, null);
  });

  it('of days have those without a run, too', () => {
    const day = 86_400_000;
    const days = dailyRequests(trendRuns([run('a', day), run('b', 3 * day + 5)], [], 4 * day), day, 4 * day);
    assert.deepEqual(
      days.map(({ at, runs, requests }) => [at / day, runs, requests]),
      [
        [1, 1, 5],
        [2, 0, 0],
        [3, 1, 5],
        [4, 0, 0],
      ],
    );
  });

  it('read well', () => {
    assert.deepEqual(
      [figureWords(null, 'ms'), figureWords(0.0123, 'share'), figureWords(0.5, 'share'), figureWords(12_345, 'bytes'), figureWords(3.21, 'per-second')],
      ['–', '1.23 %', '50 %', '12.3 kB', '3.2/s'],
    );
    assert.deepEqual([changeWords(null), changeWords(0.004), changeWords(0.256), changeWords(-0.5)], ['–', 'as before', '+26 %', '−50 %']);
  });
});
