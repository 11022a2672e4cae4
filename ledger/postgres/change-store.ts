import type { ChangeStore } from '../ledger.ts';
import { number, optionalText } from '../rows/row.ts';
import type { TextLedger } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import { insertAttempts } from './attempts.ts';
import { learnBatchLimit, readBatchLimits } from './batch-limits.ts';
import { holdBatch, noteUnknown } from './batches.ts';
import { claimBatch } from './claim-batch.ts';
import type { Database } from './database.ts';
import { addCost } from './segment-row.ts';
import { settleBatch } from './settle-batch.ts';
import { listBlocking, listUnresolved, takeOver } from './take-over.ts';

const BACKLOG = `
  SELECT (SELECT count(*) FROM changes WHERE run_id = $1 AND segment = $2 AND state = 'planned') AS planned,
    (SELECT coalesce(sum(size), 0) FROM batches WHERE run_id = $1 AND segment = $2 AND state <> 'settled' AND state = 'sending') AS in_flight,
    (SELECT coalesce(sum(size), 0) FROM batches WHERE run_id = $1 AND segment = $2 AND state <> 'settled' AND state = 'unknown') AS unknown,
    (SELECT state FROM segments WHERE run_id = $1 AND idx = $2) AS state`;

const HOLDS = `SELECT 1 FROM batches WHERE id = $1 AND token = $2 AND state = 'sending'`;

export function createChangeStore(database: Database, vault: Vault): Pick<TextLedger, keyof ChangeStore> {
  return {
    claimBatch: (input) => database.write((session) => claimBatch(session, vault, input)),
    readBacklog: async (runId, segment) => {
      const row = (await database.get(BACKLOG, runId, segment)) ?? {};
      const state = optionalText(row, 'state');
      const [planned, inFlight, unknown] = [number(row, 'planned'), number(row, 'in_flight'), number(row, 'unknown')];
      return { planned, inFlight, unknown, isClosed: state === 'complete' || state === 'aborted' };
    },
    holdsBatch: async (batchId, token) => (await database.get(HOLDS, batchId, token)) !== undefined,
    settleBatch: (input) => database.write((session) => settleBatch(session, vault, input)),
    markUnknown: (input) =>
      database.write(async (session) => {
        const { batchId, token, attempts, cost } = input;
        const { runId, segment } = await holdBatch(session, batchId, token);
        await noteUnknown(session, { batchIds: [batchId], at: Math.round(input.at), hasEnded: true });
        await insertAttempts(session, batchId, attempts);
        await addCost(session, runId, segment, cost);
      }),
    noteJob: (input) =>
      database.write(async (session) => {
        const { batchId, token, job, attempts, cost } = input;
        const { runId, segment } = await holdBatch(session, batchId, token);
        await session.run(
          'UPDATE batches SET job_id = $2, job_state = $3, job_due_at = $4::bigint WHERE id = $1',
          batchId,
          job.id,
          job.state,
          Math.round(job.dueAt),
        );
        await insertAttempts(session, batchId, attempts);
        await addCost(session, runId, segment, cost);
      }),
    listUnresolved: (runId, segment, ownTokens) => listUnresolved(database, runId, segment, ownTokens),
    listBlocking: (runId, segment) => listBlocking(database, runId, segment),
    takeOver: (input) => database.write((session) => takeOver(session, vault, input)),
    learnBatchLimit: (limit) => database.write((session) => learnBatchLimit(session, limit)),
    readBatchLimits: (targetScope, since) => readBatchLimits(database, targetScope, since),
  };
}
