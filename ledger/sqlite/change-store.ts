import type { ChangeStore } from '../ledger.ts';
import { number, optionalText } from '../rows/row.ts';
import type { TextLedger } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import { insertAttempts } from './attempts.ts';
import { learnBatchLimit, readBatchLimits } from './batch-limits.ts';
import { heldBatch, noteUnknown } from './batches.ts';
import { claimBatch } from './claim-batch.ts';
import type { Database } from './database.ts';
import { addCost } from './segment-row.ts';
import { settleBatch } from './settle-batch.ts';
import { listBlocking, listUnresolved, takeOver } from './take-over.ts';

const BACKLOG = `
  SELECT (SELECT count(*) FROM changes WHERE run_id = ?1 AND segment = ?2 AND state = 'planned') AS planned,
    (SELECT coalesce(sum(size), 0) FROM batches WHERE run_id = ?1 AND segment = ?2 AND state <> 'settled' AND state = 'sending') AS in_flight,
    (SELECT coalesce(sum(size), 0) FROM batches WHERE run_id = ?1 AND segment = ?2 AND state <> 'settled' AND state = 'unknown') AS unknown,
    (SELECT state FROM segments WHERE run_id = ?1 AND idx = ?2) AS state`;

export function createChangeStore(database: Database, vault: Vault): Pick<TextLedger, keyof ChangeStore> {
  return {
    // A lost claim would be sent again; a lost settlement leaves its claim, and is looked into as any lost answer is.
    claimBatch: (input) => database[input.isRepeatable === true ? 'writeLazily' : 'write'](() => claimBatch(database, vault, input)),
    readBacklog: (runId, segment) =>
      database.read(() => {
        const row = database.get(BACKLOG, runId, segment) ?? {};
        const state = optionalText(row, 'state');
        return {
          planned: number(row, 'planned'),
          inFlight: number(row, 'in_flight'),
          unknown: number(row, 'unknown'),
          isClosed: state === 'complete' || state === 'aborted',
        };
      }),
    holdsBatch: (batchId, token) =>
      database.read(() => database.get(`SELECT 1 FROM batches WHERE id = ? AND token = ? AND state = 'sending'`, batchId, token) !== undefined),
    settleBatch: (input) => database.writeLazily(() => settleBatch(database, vault, input)),
    markUnknown: (input) =>
      database.write(() => {
        const { runId, segment } = heldBatch(database, input.batchId, input.token);
        noteUnknown(database, { batchId: input.batchId, at: Math.round(input.at), hasEnded: true });
        insertAttempts(database, input.batchId, input.attempts);
        addCost(database, runId, segment, input.cost);
      }),
    // Whoever begins a job does so because this is kept: it is on disk before.
    noteJob: (input) =>
      database.write(() => {
        const { runId, segment } = heldBatch(database, input.batchId, input.token);
        const { id, state, dueAt } = input.job;
        database.run('UPDATE batches SET job_id = ?, job_state = ?, job_due_at = ? WHERE id = ?', id, state, Math.round(dueAt), input.batchId);
        insertAttempts(database, input.batchId, input.attempts);
        addCost(database, runId, segment, input.cost);
      }),
    listUnresolved: (runId, segment, ownTokens) => database.read(() => listUnresolved(database, runId, segment, ownTokens)),
    listBlocking: (runId, segment) => database.read(() => listBlocking(database, runId, segment)),
    takeOver: (input) => database.write(() => takeOver(database, vault, input)),
    learnBatchLimit: (limit) => database.write(() => learnBatchLimit(database, limit)),
    readBatchLimits: (targetScope, since) => database.read(() => readBatchLimits(database, targetScope, since)),
  };
}
