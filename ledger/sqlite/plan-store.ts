import type { PlanStore } from '../plan-store.ts';
import { readPlannedRecord, readRunEnd, SAMPLES } from '../rows/plan-row.ts';
import { text } from '../rows/row.ts';
import type { Database } from './database.ts';

/** Each record with what the run did: its change where there is one, else how it was met. */
const ENDS = `
  SELECT a.key, CASE
      WHEN c.outcome = 'written' THEN 'done'
      WHEN c.outcome = 'unchanged' THEN 'equal'
      WHEN c.state = 'settled' THEN coalesce(CASE WHEN c.outcome = 'skipped' THEN c.hold_reason END, c.outcome)
      WHEN c.state IN ('planned', 'sending') THEN 'not-sent'
      WHEN s.last_run = ?1 THEN coalesce(CASE WHEN s.disposition = 'skipped' THEN s.reason END, s.disposition)
      ELSE 'not-met' END AS found
  FROM asked a JOIN runs r ON r.id = ?1
    LEFT JOIN sightings s ON s.scope = r.scope AND s.key = a.key
    LEFT JOIN changes c ON c.id = (SELECT max(id) FROM changes WHERE scope = r.scope AND key = a.key AND run_id = ?1 AND state <> 'dropped')`;

/** What is asked about: the plan, or all that was met. */
const ASKED = `
  SELECT key FROM planned_records WHERE run_id = ?1
  UNION ALL SELECT s.key FROM runs r JOIN sightings s ON s.scope = r.scope
    WHERE r.id = ?1 AND s.last_run = ?1 AND NOT EXISTS (SELECT 1 FROM planned_records WHERE run_id = ?1)`;

export function createPlanStore(database: Database): PlanStore {
  return {
    addPlanned: (runId, records) =>
      database.write(() => {
        const sql = 'INSERT INTO planned_records (run_id, key, action, content_hash, shown_hash) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
        for (const { key, action, contentHash, shownHash } of records) database.run(sql, runId, key, action, contentHash, shownHash ?? null);
      }),
    readPlanned: (runId, keys) =>
      database.read(() => {
        const sql = 'SELECT p.* FROM json_each(?2) k CROSS JOIN planned_records p ON p.run_id = ?1 AND p.key = k.value';
        const rows = database.all(sql, runId, JSON.stringify(keys));
        return new Map(rows.map((row) => [text(row, 'key'), readPlannedRecord(row)]));
      }),
    listPlannedKeys: (runId, limit) =>
      database.read(() => database.all('SELECT key FROM planned_records WHERE run_id = ? ORDER BY key LIMIT ?', runId, limit).map((row) => text(row, 'key'))),
    readEnds: (runId) =>
      database.read(() => {
        const counted = database.all(
          `WITH asked AS (${ASKED}), ends AS (${ENDS}), numbered AS (SELECT key, found, row_number() OVER (PARTITION BY found ORDER BY key) AS n FROM ends)
           SELECT found, count(*) AS count, json_group_array(key) FILTER (WHERE n <= ${SAMPLES}) AS keys FROM numbered GROUP BY found ORDER BY count DESC, found`,
          runId,
        );
        return counted.map(readRunEnd);
      }),
  };
}
