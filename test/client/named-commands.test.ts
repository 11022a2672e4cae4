import assert from 'node:assert/strict';
import { Readable, Writable } from 'node:stream';
import { it, type TestContext } from 'node:test';
import { WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { chooseRange } from '../../client/backfilling/choose-range.ts';
import { Cli } from '../../client/cli.ts';
import { globalFlagsSchema } from '../../client/flags.ts';
import { createTheme } from '../../client/output/theme.ts';
import { readPlan } from '../../client/planning/plan-file.ts';
import { reportError } from '../../client/report-error.ts';
import { TopView } from '../../client/top/top-view.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { RunDriver } from '../ledger/support/run-driver.ts';
import { TestProject } from './test-project.ts';

const SYNC = 'contacts-to-hubspot';

/** A command line on the profile dev, as it was named. */
function begin(context: TestContext) {
  const project = new TestProject();
  context.after(() => project.remove());
  const said: string[] = [];
  const sink = () => new Writable({ write: (chunk, _, done) => done(void said.push(String(chunk))) });
  const shell = { stdin: Readable.from([]), stdout: sink(), stderr: sink(), env: {}, directory: project.directory, onInterrupt: () => undefined };
  return { project, said, cli: new Cli(globalFlagsSchema.parse({ profile: 'dev', color: false }), shell) };
}

it('a backfill of what is read whole names the run of its profile', async (context) => {
  const { cli } = begin(context);
  const resolved = (await cli.session.project()).resolve(SYNC);
  await assert.rejects(chooseRange(cli, resolved, { from: '2026-01-01', to: undefined, partitionMs: 1_000 }), {
    message: `${SYNC} reads everything each time, as it has no \`incremental\`, or its list takes no {window.from}: use "syncline run ${SYNC} --full --profile dev".`,
  });
});

it('what is no plan names how to save one on its profile', (context) => {
  const { cli, project } = begin(context);
  project.write('other.plan', '{}');
  assert.throws(() => readPlan(cli, 'other.plan'), {
    message: 'other.plan is not a saved plan. Save one with "syncline plan <sync> --out <file> --profile dev".',
  });
});

it('a run that does not answer is no defect: its worker may be gone, and the builds of its profile are named', (context) => {
  const { cli, said } = begin(context);
  assert.equal(reportError(cli, new WorkflowUpdateRPCTimeoutOrCancelledError('Deadline exceeded after 9.971s')), 5);
  assert.deepEqual(said, [
    '✗ The run has not answered in time; it may still do as it was told. Is a worker running for it? See "syncline rollout --profile dev".\n',
  ]);
});

it('a window of a backfill that is to be paused on the screen names the pause of its profile', async (context) => {
  const { cli, project } = begin(context);
  const ledger = await openLedger({ url: 'sqlite::memory:', directory: project.directory, values: 'plain' });
  context.after(() => ledger.close());
  const window = { from: '2026-01-01', to: '2026-01-02' };
  await ledger.requestRun({ id: 'r_1', scope: `acme/dev/${SYNC}`, trigger: 'backfill', options: { window }, at: 1 });
  const run = await new RunDriver(ledger, { scope: `acme/dev/${SYNC}` }).open({ window });
  const view = new TopView(createTheme(false), (words) => cli.command(words));
  view.show({
    ...{ place: 'acme/dev', at: 2, ledgerMs: 1, work: undefined, resting: [], connections: [], deliveries: [], incidents: [] },
    runs: [{ sync: SYNC, run, recordsPerSecond: undefined, requestsPerSecond: undefined, retry: undefined }],
  });
  view.press('p');
  assert.equal(view.lines({ rows: 20, columns: 120 }).at(-1), `This is a window of a backfill: syncline pause ${SYNC} --backfill --profile dev`);
});
