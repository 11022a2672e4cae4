import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { workflowBundle } from '../../worker/workflow-bundle.ts';

const FOLDER = fileURLToPath(new URL('./histories/', import.meta.url));
Runtime.install({ logger: new DefaultLogger('ERROR') });
const bundle = await workflowBundle();

const replay = (name: string, change = (history: string) => history) =>
  Worker.runReplayHistory({ workflowBundle: bundle, replayName: name }, JSON.parse(change(readFileSync(`${FOLDER}${name}.json`, 'utf8'))));

for (const file of readdirSync(FOLDER)) {
  const name = file.replace('.json', '');
  test(`a ${name} as it was recorded still replays`, () => replay(name));
}

test('a history in which another step was taken does not replay', async () => {
  const altered = (history: string) => history.replaceAll('"fetchLookups"', '"sweepDeletes"');
  await assert.rejects(replay('whole-run', altered), DeterminismViolationError);
});
