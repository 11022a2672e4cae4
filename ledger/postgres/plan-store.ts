import type { PlanStore } from '../plan-store.ts';
import { readPlannedRecord, readRunEnd, SAMPLES } from '../rows/plan-row.ts';
import { text } from '../rows/row.ts';
import type { Database } from './database.ts';

const ADD = `
  INSERT INTO planned_records (run_id, key, action, content_hash, shown_hash)
  SELECT $1, p.* FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS p(key, action, content_hash, shown_hash) ON CONFLICT DO NOTHING`;

/** Each record with what the run did: its change where there is one, else how it was met. */
const ENDS = `
  SELECT a.key, CASE
      WHEN c.outcome = 'written' THEN 'done'
      WHEN c.outcome = 'unchanged' THEN 'equal'
      WHEN c.state = 'settled' THEN coalesce(CASE WHEN c.outcome = 'skipped' THEN c.hold_reason END, c.outcome)
      WHEN c.state IN ('planned', 'sending') THEN 'not-sent'
      WHEN s.last_run = $1 THEN coalesce(CASE WHEN s.disposition = 'skipped' THEN s.reason END, s.disposition)
      ELSE 'not-met' END AS found
  FROM asked a JOIN runs r ON r.id = $1
    LEFT JOIN sightings s ON s.scope = r.scope AND s.key = a.key
    LEFT JOIN changes c ON c.id = (SELECT max(id) FROM changes WHERE scope = r.scope AND key = a.key AND run_id = $1 AND state <> 'dropped')`;

/** What is asked about: the plan, or all that was met. */
const ASKED = `
  SELECT key FROM planned_records WHERE run_id = $1
  UNION ALL SELECT s.key FROM runs r JOIN sightings s ON s.scope = r.scope
    WHERE r.id = $1 AND s.last_run = $1 AND NOT EXISTS (SELECT 1 FROM planned_records WHERE run_id = $1)`;

const COUNTS = `
  WITH asked AS (${ASKED}), ends AS (${ENDS}), numbered AS (SELECT key, found, row_number() OVER (PARTITION BY found ORDER BY key) AS n FROM ends)
  SELECT found, count(*) AS count, json_agg(key ORDER BY n) FILTER (WHERE n <= ${SAMPLES})::text AS keys FROM numbered GROUP BY found ORDER BY count DESC, found COLLATE "C"`;

export function createPlanStore(database: Database): PlanStore {
  return {
    addPlanned: async (runId, records) =>
      database.write(async (session) => {
        const columns = [records.map(({ key }) => key), records.map(({ action }) => action), records.map(({ contentHash }) => contentHash)];
        if (records.length > 0)
          await session.run(
            ADD,
            runId,
            ...columns,
            records.map(({ shownHash }) => shownHash ?? null),
          );
      }),
    readPlanned: async (runId, keys) => {
      const rows = await database.all('SELECT * FROM planned_records WHERE run_id = $1 AND key = ANY($2::text[])', runId, keys);
      return new Map(rows.map((row) => [text(row, 'key'), readPlannedRecord(row)]));
    },
    listPlannedKeys: async (runId, limit) =>
      (await database.all('SELECT key FROM planned_records WHERE run_id = $1 ORDER BY key LIMIT $2', runId, limit)).map((row) => text(row, 'key')),
    readEnds: async (runId) => (await database.all(COUNTS, runId)).map(readRunEnd),
  };
}
