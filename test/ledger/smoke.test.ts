import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLedger } from '../../ledger/open-ledger.ts';

test('a record is staged, claimed, settled, and its story told', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-ledger-'));
  const ledger = await openLedger({ url: 'sqlite', directory, values: 'plain' });
  const scope = 'acme/dev/contacts';
  await ledger.requestRun({ id: 'r_1', scope, trigger: 'manual', options: {}, at: 1 });
  await ledger.openRun({ id: 'r_1', scope, definitionHash: 'h', trigger: 'manual', workflowId: 'w', firstExecutionRunId: 'f', window: {}, at: 2 });
  await ledger.openSegment('r_1', 0, 3);
  await ledger.claimReader('r_1', 0, 't');
  const cost = { requests: 1, retries: 0, throttled: 0 };
  const change = (email: string) => ({ kind: 'upsert' as const, fields: { email }, contentHash: email, match: email, source: { id: 1 }, bytes: 10 });
  await ledger.stagePage({
    runId: 'r_1',
    segment: 0,
    token: 't',
    targetScope: 'acme/dev/hubspot/contacts',
    nextCursor: undefined,
    isLast: true,
    observedAt: 4,
    bytes: 10,
    cost,
    isSealed: false,
    at: 5,
    records: [
      { disposition: 'change', key: '1', change: change('a@x.test') },
      { disposition: 'change', key: '2', change: change('b@x.test') },
      {
        disposition: 'rejected',
        key: '3',
        rejection: { reason: 'required-missing', message: 'email is required', field: 'email', retry: 'never' },
        source: { id: 3 },
        contentHash: 'x',
        isRepeat: false,
      },
      { disposition: 'skipped', key: '4', reason: 'filter' },
    ],
  });
  await ledger.closeSegment('r_1', 0, 't', { state: 'complete', isLast: true });
  assert.deepEqual(await ledger.readBacklog('r_1', 0), { planned: 2, inFlight: 0, unknown: 0, isClosed: true });
  const claim = await ledger.claimBatch({ runId: 'r_1', segment: 0, batchId: 'b_1', token: 'w1', maxRecords: 100, maxBytes: 1e6, sendBy: 100, at: 6 });
  assert.equal(claim.state, 'claimed');
  if (claim.state !== 'claimed') return;
  assert.equal(claim.batch.changes.length, 2);
  const [first, second] = claim.batch.changes;
  assert.ok(first && second);
  await ledger.settleBatch({
    batchId: 'b_1',
    token: 'w1',
    attempts: [{ sentAt: 7, answeredAt: 8, status: 207, method: 'POST', path: '/x' }],
    cost,
    at: 9,
    outcomes: [
      { changeId: first.id, outcome: 'written', created: true, targetId: '77' },
      { changeId: second.id, outcome: 'rejected', rejection: { reason: 'api-rejected', message: 'no', retry: 'never' } },
    ],
  });
  const totals = await ledger.deriveTotals('r_1');
  assert.deepEqual([totals.read, totals.written, totals.created, totals.rejected, totals.skipped, totals.requests], [4, 1, 1, 2, 1, 2]);
  assert.deepEqual((await ledger.readRun('r_1'))?.totals, totals);
  console.log((await ledger.readHistory(scope, { key: '1' }))?.events.map((event) => `${event.at} ${event.text}`));
  console.log(await ledger.groupRejections(scope));
  await ledger.closeRun('r_1', { state: 'completed-with-rejections', totals, at: 10 });
  assert.equal((await ledger.readRun('r_1'))?.state, 'completed-with-rejections');
  assert.equal((await ledger.findRuns('acme/', 'last')).length, 1);
  await ledger.close();
  rmSync(directory, { recursive: true });
});
