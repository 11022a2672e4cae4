import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Handover } from '../../activities/handover.ts';
import { pageSource } from '../../activities/page-source.ts';
import { planRun } from '../../activities/plan-run.ts';
import { stageRepairs } from '../../activities/stage-repairs.ts';
import { sweepDeletes } from '../../activities/sweep-deletes.ts';
import { writeBatches } from '../../activities/write-batches.ts';
import { ZERO_TOTALS } from '../../engine/outcome.ts';
import { beginRun, beginSteps } from '../crash/steps-by-hand.ts';
import { smallProject } from '../support/small-api.ts';

test('a run of events whose sync names none any more says what is to be added', async (context) => {
  const { dependencies } = await beginSteps(context, { 'syncline.yaml': 'name: acme\n', ...smallProject('http://127.0.0.1:9') }, 'people');
  const ref = { project: 'acme', profile: 'dev', sync: 'people' };
  const message = 'Events are open for people, and its definition has no `source.events`: add it again, and they are done.';
  await assert.rejects(planRun(dependencies, { ref, runId: 'r_1', trigger: 'events', firstExecutionRunId: 'one', options: { events: true } }), {
    code: 'DEFINITION_INVALID',
    message,
  });
});

test('a run whose books are closed, and whose workflow is reset, reads and writes nothing more', async (context) => {
  const { dependencies, ledger, scope, hash } = await beginSteps(context, { 'syncline.yaml': 'name: acme\n', ...smallProject('http://127.0.0.1:9') }, 'people');
  await beginRun(ledger, { id: 'r_1', scope, hash });
  await ledger.abortSegment('r_1', 0);
  await ledger.closeRun('r_1', { state: 'failed', totals: ZERO_TOTALS, at: Date.now() });
  const ref = { project: 'acme', profile: 'dev', sync: 'people' };
  const steps = [
    planRun(dependencies, { ref, runId: 'r_1', trigger: 'manual', firstExecutionRunId: 'execution of r_1' }),
    pageSource(dependencies, new Handover(), { runId: 'r_1', segment: 1 }),
    writeBatches(dependencies, new Handover(), { runId: 'r_1', segment: 1 }),
    sweepDeletes(dependencies, { runId: 'r_1', isApproved: true }),
    stageRepairs(dependencies, { runId: 'r_1', reconciliationId: 'd_1' }),
  ];
  const message = 'Run r_1 has ended already (failed), and its books are closed: start a new one.';
  await Promise.all(steps.map((step) => assert.rejects(step, { code: 'RUN_CONFLICT', message })));
  assert.equal(await ledger.readSegment('r_1', 1), undefined);
});
