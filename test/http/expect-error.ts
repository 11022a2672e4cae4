import assert from 'node:assert/strict';
import { type ErrorCode, SyncError } from '../../engine/errors.ts';

/** The error that a promise ends with, which must be a SyncError of this code. */
export async function failure(code: ErrorCode, work: Promise<unknown>): Promise<SyncError> {
  const error = await work.then(
    () => assert.fail(`expected ${code}, but it succeeded`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof SyncError, `expected ${code}, got ${error}`);
  assert.equal(error.code, code, error.message);
  return error;
}
