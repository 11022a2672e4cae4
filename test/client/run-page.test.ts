import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { latenciesOf } from '../../client/page/latencies.ts';
import { chooseStep } from '../../client/run-page/choose-step.ts';
import { pathWords, plainPath } from '../../client/run-page/plain-path.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { RunDriver, unchanged } from '../ledger/support/run-driver.ts';
import { PRIVATE, pageProject } from './page-project.ts';
import type { TestProject } from './test-project.ts';

const count = z.number();
const documentSchema = z.object({
  stepMs: count,
  slots: z.array(z.object({ fromMs: count, read: count, settled: z.record(z.string(), count), requests: z.record(z.string(), count) })),
  untimed: count,
  waits: z.array(z.object({ fromMs: count, untilMs: count, reason: z.string() })),
  latencyMs: z.object({ requests: count, p50: count, p95: count, p99: count, max: count }),
  requests: z.object({ writes: count, others: count }),
  slowest: z.array(z.object({ durationMs: count, path: z.string(), status: count })),
  steps: z.array(z.object({ name: z.string(), fromMs: count, untilMs: count })),
  errors: z.array(z.object({ records: count, message: z.string(), field: z.string().optional() })),
});

describe('syncline report', () => {
  let project: TestProject;
  before(async () => {
    project = await pageProject();
  });
  after(() => project.remove());

  it('tells when what was read, settled and sent, where the run stood still, and how long requests took', async () => {
    const { code, stdout } = await project.cli(['report', 'last', '--json']);
    assert.equal(code, 0);
    const page = documentSchema.parse(JSON.parse(stdout));
    const sum = (of: (slot: (typeof page.slots)[number]) => number) => page.slots.reduce((all, slot) => all + of(slot), 0);
    assert.deepEqual([page.stepMs, page.slots.length, page.untimed], [500, 120, 0]);
    assert.deepEqual([sum(({ read }) => read), sum(({ settled }) => settled['created'] ?? 0), sum(({ settled }) => settled['updated'] ?? 0)], [202, 150, 50]);
    assert.equal(
      sum(({ settled }) => settled['rejected'] ?? 0),
      2,
    );
    assert.deepEqual(page.latencyMs, { requests: 21, p50: 209, p95: 218, p99: 219, max: 219 });
    assert.deepEqual([page.requests.writes, sum(({ requests }) => requests['throttled'] ?? 0)], [21, 1]);
    assert.deepEqual(
      page.waits.filter(({ fromMs, untilMs }) => untilMs - fromMs > 2_000).map(({ untilMs, reason }) => [untilMs, reason]),
      [[36_000, 'its writer was gone, and another one took over what that had sent']],
    );
    assert.deepEqual(page.slowest.map(({ durationMs }) => durationMs).slice(0, 3), [219, 218, 217]);
    assert.deepEqual(
      page.steps.map(({ name }) => name),
      ['preparing', 'segment 1: reading', 'segment 1: writing', 'settling'],
    );
  });

  it('has no key, id or value of a record, neither as page nor as JSON, and no message about a sensitive field', async () => {
    const file = join(project.directory, 'page.html');
    const { code, stdout } = await project.cli(['report', 'last', '--json', '--out', file]);
    assert.equal(code, 0);
    const html = readFileSync(file, 'utf8');
    for (const word of PRIVATE) assert.deepEqual([word, stdout.includes(word), html.includes(word)], [word, false, false]);
    const { errors, slowest } = documentSchema.parse(JSON.parse((await project.cli(['report', 'r_1', '--json'])).stdout));
    assert.deepEqual(
      errors.map(({ message, field }) => [field, message]).toSorted(),
      [
        [undefined, 'Value … of … <i>is not</i> valid'],
        ['phone', '•••'],
      ].toSorted(),
    );
    assert.ok(html.includes('&lt;i&gt;is not&lt;/i&gt; valid') && !html.includes('<i>is not'), 'what an API says is no markup');
    assert.ok(slowest.every(({ path }) => path.startsWith('/crm/v3/objects/contacts')));
  });

  it('writes a file named after the run, says where, and what cannot be written is refused', async () => {
    const refused = await project.cli(['report', 'last', '--out', join(project.directory, 'none/page.html')]);
    assert.deepEqual([refused.code, /cannot be written \(ENOENT\)\. Name another place with --out\./.test(refused.stderr)], [2, true]);
    const out = join(project.directory, 'a page.html');
    const { code, stdout, stderr } = await project.cli(['report', 'last', '--out', out]);
    assert.deepEqual([code, stdout], [0, `✓ ${out}\n`]);
    assert.match(stderr, /Open it in a browser[\s\S]*In the terminal: syncline show r_1/);
    assert.match(readFileSync(out, 'utf8'), /^<!doctype html>[\s\S]*content="default-src 'none'; style-src 'sha256-[^"]*; script-src 'sha256-/);
  });

  it('says what is rejected or held of the sync now, also where this run met nothing of it', async () => {
    const ledger = await openLedger({ url: 'sqlite', directory: join(project.directory, '.syncline'), values: 'plain' });
    const run = await RunDriver.start(ledger, { id: 'r_2', scope: 'acme/dev/contacts-to-hubspot', now: 2_000_000 });
    await run.stage([unchanged('1')]);
    await run.close();
    await run.end();
    await ledger.close();
    const { errors } = documentSchema.pick({ errors: true }).parse(JSON.parse((await project.cli(['report', 'r_2', '--json'])).stdout));
    assert.deepEqual(
      errors.map(({ records }) => records),
      [1, 1],
    );
    assert.doesNotMatch((await project.cli(['show', 'r_2'])).stdout, /Rejected\n/);
  });
});

describe('the figures of a page', () => {
  it('percentiles are of what was measured, by the nearest rank', () => {
    const of = (...durations: readonly number[]) => latenciesOf(durations.map((durationMs) => ({ durationMs, requests: 1 })));
    assert.equal(latenciesOf([{ requests: 3 }]), undefined);
    assert.deepEqual(of(7), { requests: 1, p50: 7, p95: 7, p99: 7, max: 7 });
    assert.deepEqual(of(...Array.from({ length: 100 }, (_, index) => 100 - index)), { requests: 100, p50: 50, p95: 95, p99: 99, max: 100 });
  });

  it('there are at most 120 slots, of a length that reads well', () => {
    for (const durationMs of [0, 1, 12_000, 24_300, 3_600_000, 86_400_000, 900 * 86_400_000])
      assert.ok(durationMs / chooseStep(durationMs) <= 120, String(durationMs));
    assert.deepEqual([12_000, 24_300, 3_600_000].map(chooseStep), [100, 500, 30_000]);
  });

  it('of a path only what the definition has is shown', () => {
    const words = pathWords({ objects: [{ get: '/v2/contacts/{id}' }], note: 'bob' });
    assert.equal(plainPath('/v2/contacts/4711/bob?email=x', words), '/v2/contacts/…/…');
  });
});
