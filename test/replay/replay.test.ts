import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { workflowBundle } from '../../worker/workflow-bundle.ts';
import { changedBundle } from '../support/changed-bundle.ts';

const FOLDER = fileURLToPath(new URL('./histories/', import.meta.url));
Runtime.install({ logger: new DefaultLogger('ERROR') });
const bundle = await workflowBundle();

const replay = (name: string, workflows: WorkflowBundleOption = bundle, change = (history: string) => history) =>
  Worker.runReplayHistory({ workflowBundle: workflows, replayName: name }, JSON.parse(change(readFileSync(`${FOLDER}${name}.json`, 'utf8'))));

for (const file of readdirSync(FOLDER)) {
  const name = file.replace('.json', '');
  test(`a ${name} as it was recorded still replays`, () => replay(name));
}

test('a history in which another step was taken does not replay', async () => {
  const altered = (history: string) => history.replaceAll('"fetchLookups"', '"sweepDeletes"');
  await assert.rejects(replay('whole-run', bundle, altered), DeterminismViolationError);
});

test('a workflow that takes its steps in another order does not replay what was recorded before', async () => {
  const swapped = await changedBundle('sync.ts', [
    ['await steps.fetchLookups();', ''],
    ['nextSegment = await copySegments(run, steps, plan);', 'nextSegment = await copySegments(run, steps, plan);\n    await steps.fetchLookups();'],
  ]);
  await assert.rejects(replay('whole-run', { code: swapped }), DeterminismViolationError);
});

test('the same change behind patched() replays it', async () => {
  const patched = await changedBundle('sync.ts', [
    ['import { CancellationScope,', 'import { patched, CancellationScope,'],
    ['await steps.fetchLookups();', "if (!patched('lookups-last')) await steps.fetchLookups();"],
    [
      'nextSegment = await copySegments(run, steps, plan);',
      "nextSegment = await copySegments(run, steps, plan);\n    if (patched('lookups-last')) await steps.fetchLookups();",
    ],
  ]);
  for (const file of readdirSync(FOLDER)) await replay(file.replace('.json', ''), { code: patched });
});
