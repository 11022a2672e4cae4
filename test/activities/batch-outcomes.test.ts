import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomesOf } from '../../activities/batch-outcomes.ts';
import type { Rejection } from '../../engine/errors.ts';
import type { Json } from '../../engine/json.ts';
import type { ClaimedBatch } from '../../ledger/ledger.ts';

function batchOf(fields: Readonly<Record<string, Json>>): ClaimedBatch {
  const change = { id: 1, key: '1', kind: 'create', fields, match: 'm', contentHash: 'h', earlierBatches: 0 } as const;
  return { id: 'b', token: 't', kind: 'create', changes: [change], attempts: 0, sendBy: 0 };
}

test("an API's words lose the values of sensitive fields, however they stand there, and keep the rest", () => {
  const fields = { email: 'ada.lee+x@example.test', lastname: 'Lee', phone: 4155551234, tags: ['secret'], address: { street: 'Elm "5"' }, city: 'NY' };
  const message = `ADA.LEE+X@example.test of lee (tel 4155551234) is invalid in NY: ${JSON.stringify(fields)}, ?e=ada.lee%2Bx%40example.test`;
  const rejection: Rejection = { reason: 'api-rejected', message, retry: 'never' };
  const wordsOf = (sensitive: readonly string[]) => {
    const [outcome] = outcomesOf(batchOf(fields), { answer: 'results', results: [{ outcome: 'rejected', rejection }] }, { sensitive, makesAnew: false });
    return outcome?.outcome === 'rejected' ? outcome.rejection.message : assert.fail('it was rejected');
  };
  const shown = '{"email":"•••","lastname":"•••","phone":•••,"tags":["•••"],"address":{"street":"•••"},"city":"NY"}';
  assert.equal(wordsOf(['email', 'lastname', 'phone', 'tags', 'address', 'city', 'absent']), `••• of ••• (tel •••) is invalid in NY: ${shown}, ?e=•••`);
  assert.equal(wordsOf([]), message);
});
