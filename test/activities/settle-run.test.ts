import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { settleRun } from '../../activities/settle-run.ts';
import { beginSteps } from '../crash/steps-by-hand.ts';
import { RunDriver, unchanged } from '../ledger/support/run-driver.ts';
import { smallProject } from '../support/small-api.ts';

const ref = { project: 'acme', profile: 'dev', sync: 'people' };

/** Settles a run that read these values of its cursor field, a page each. */
async function settle(context: TestContext, values: readonly string[]) {
  const lines: string[] = [];
  const files = smallProject('http://127.0.0.1:9', { source: '  incremental: { cursorField: updated_at }' });
  const { ledger, scope, hash, dependencies } = await beginSteps(context, { 'syncline.yaml': 'name: acme\n', ...files }, 'people');
  const run = await RunDriver.start(ledger, { scope, definitionHash: hash });
  for (const [index, maxCursorValue] of values.entries()) await run.stage([unchanged(String(index))], { maxCursorValue, isLast: index === values.length - 1 });
  await run.close();
  await settleRun({ ...dependencies, log: pino({ level: 'warn' }, { write: (line) => void lines.push(line) }) }, { ref, runId: run.id, ending: 'completed' });
  return { lines, watermark: (await ledger.readWatermark(scope))?.value };
}

describe('the end of a run', () => {
  it('keeps the latest value of the cursor field, whatever odd ones were met', async (context) => {
    const { watermark, lines } = await settle(context, ['2026-08-01T10:00:00Z', 'never', '2026-08-01T11:00:00Z', 'N/A']);
    assert.equal(watermark, '2026-08-01T11:00:00Z');
    assert.deepEqual(lines, []);
  });

  it('says once that a cursor field is nothing but text', async (context) => {
    const { watermark, lines } = await settle(context, ['v-17', 'v-18']);
    assert.equal(watermark, 'v-18');
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /"cursorField":"updated_at".*neither a time nor a number/);
  });

  it('is written down as what it was to be, where it never had a plan', async (context) => {
    const { ledger, dependencies } = await beginSteps(context, { 'syncline.yaml': 'name: acme\n', ...smallProject('http://127.0.0.1:9') }, 'people');
    const window = { from: '2026-01-01', to: '2026-01-02' };
    await settleRun(dependencies, { ref, runId: 'r_1', trigger: 'backfill', options: { window }, ending: 'cancelled' });
    const run = await ledger.readRun('r_1');
    assert.deepEqual([run?.trigger, run?.options, run?.state], ['backfill', { window }, 'cancelled']);
    assert.deepEqual(await ledger.listRuns('acme/dev/people', 10, 'live'), []);
  });
});
