import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { Output } from '../../client/output/output.ts';
import { reportError } from '../../client/report-error.ts';

test('a run that does not answer is no defect: its worker may be gone', () => {
  const said: string[] = [];
  const stream = { write: (text: string) => said.push(text) };
  const out = new Output({ stdout: stream, stderr: stream, isJson: false, isQuiet: false, isColorRefused: true, env: {} });
  assert.equal(reportError(out, new WorkflowUpdateRPCTimeoutOrCancelledError('Deadline exceeded after 9.971s'), {}), 5);
  assert.deepEqual(said, ['✗ The run has not answered in time; it may still do as it was told. Is a worker running for it? See "syncline rollout".\n']);
});
