import { batchIdRange } from '../../engine/ids.ts';
import type { LogStore } from '../log-store.ts';
import { readIncident } from '../rows/incident-row.ts';
import { NO_LOG, readLoggedBatch, readLoggedRecord, readLoggedRequest, readLoggedSegment } from '../rows/log-row.ts';
import { text } from '../rows/row.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';

const SEGMENTS = 'SELECT * FROM segments WHERE run_id = $1 AND idx >= 0 AND opened_at >= $2 ORDER BY opened_at DESC, idx DESC LIMIT $3';

/** By the beginning that the ids of a run's batches share. */
const REQUESTS = `
  SELECT a.*, b.kind, b.segment, b.size FROM attempts a JOIN batches b ON b.id = a.batch_id
  WHERE a.batch_id >= $1 AND a.batch_id < $2 AND coalesce(a.answered_at, a.sent_at) >= $3 AND (a.status IS NULL OR a.status >= 400 OR a.n > 0)
  ORDER BY a.sent_at DESC, a.batch_id DESC, a.n DESC LIMIT $4`;

const BATCHES = `
  SELECT * FROM (
    SELECT id, 'unknown' AS what, unknown_at AS at, segment, size FROM batches WHERE id >= $1 AND id < $2 AND unknown_at >= $3
    UNION ALL
    SELECT id, 'taken-over', taken_over_at, segment, size FROM batches WHERE id >= $1 AND id < $2 AND taken_over_at >= $3) found
  ORDER BY at DESC, id DESC LIMIT $4`;

const RECORDS = `
  SELECT * FROM (
    SELECT settled_at AS at, key, outcome, hold_reason AS reason, CASE WHEN outcome = 'rejected' THEN rejection ELSE note END AS note
    FROM changes WHERE batch_id >= $1 AND batch_id < $2 AND state <> 'sending' AND state = 'settled' AND outcome IN ('rejected', 'held') AND settled_at >= $3
    UNION ALL
    SELECT at, key, disposition, reason, detail FROM verdicts
    WHERE scope = $5 AND run_id = $6 AND disposition IN ('rejected', 'held', 'resolved') AND at >= $3) found
  ORDER BY at DESC, key DESC LIMIT $4`;

const INCIDENTS = 'SELECT * FROM incidents WHERE scope = $1 AND (opened_at >= $2 OR closed_at >= $2) ORDER BY opened_at, id';

export function createLogStore(database: Database, vault: Vault): LogStore {
  return {
    readRunLog: async (runId, { since, limit }) => {
      const run = await database.get('SELECT scope FROM runs WHERE id = $1', runId);
      if (run === undefined) return NO_LOG;
      const { from, to } = batchIdRange(runId);
      const [segments, requests, batches, records] = await Promise.all([
        database.all(SEGMENTS, runId, since, limit),
        database.all(REQUESTS, from, to, since, limit),
        database.all(BATCHES, from, to, since, limit),
        database.all(RECORDS, from, to, since, limit, text(run, 'scope'), runId),
      ]);
      return {
        segments: segments.map(readLoggedSegment).toReversed(),
        requests: requests.map(readLoggedRequest).toReversed(),
        batches: batches.map(readLoggedBatch).toReversed(),
        records: records.map((row) => readLoggedRecord(vault, row)).toReversed(),
      };
    },
    listIncidents: async (scope, since) => (await database.all(INCIDENTS, scope, since)).map((row) => readIncident(row, [])),
  };
}
