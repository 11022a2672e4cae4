import { OUTCOMES, type RunTotals } from '../../engine/outcome.ts';
import type { Run } from '../ledger.ts';
import { number, text } from '../rows/row.ts';
import { laneOf } from '../rows/run-row.ts';
import { ARCHIVED, DELETED } from '../rows/taken-content.ts';
import type { Database } from './database.ts';
import { liveTotals } from './run-row.ts';

/** The latest change of each key tells its outcome, one without an answer being held; where there is no change, the sighting does. */
const OUTCOMES_OF_RUN = `
  SELECT CASE WHEN s.change_id IS NULL THEN s.disposition WHEN c.state = 'settled' THEN c.outcome WHEN c.state = 'sending' THEN 'held' ELSE c.state END AS outcome,
    c.created AS created, count(*) AS records
  FROM sightings s LEFT JOIN LATERAL (SELECT * FROM changes WHERE id = s.change_id OFFSET 0) c ON true WHERE s.scope = $1 AND s.last_run = $2 GROUP BY 1, 2`;

/** What is due and has no outcome waits for an answer, or for a person: it is held. What came back meanwhile is not due any more. */
const DELETES = `
  SELECT count(*) FILTER (WHERE outcome IS DISTINCT FROM 'superseded') AS due, count(*) FILTER (WHERE outcome = 'written') AS deleted,
    count(*) FILTER (WHERE outcome = 'rejected') AS rejected, count(*) FILTER (WHERE outcome IS NULL OR outcome = 'held') AS held
  FROM (SELECT (SELECT c.outcome FROM runs run JOIN changes c ON c.scope = run.scope AND c.key = a.key
      WHERE run.id = a.run_id AND c.run_id = a.run_id AND c.content_hash IN ('${DELETED}', '${ARCHIVED}') LIMIT 1) AS outcome
    FROM absences a WHERE a.run_id = $1 AND a.state = 'due') AS of_absences`;

/** See `RunStore.deriveTotals`. */
export async function deriveTotals(database: Database, run: Run): Promise<RunTotals> {
  if (run.endedAt !== undefined) return run.totals;
  const counted = await liveTotals(database, run.id, run.options.retry === true, run.totals.expected);
  const sums = new Map<string, number>();
  const add = (name: string, records: number) => sums.set(name, (sums.get(name) ?? 0) + records);
  for (const row of await database.all(OUTCOMES_OF_RUN, run.scope + laneOf(run), run.id)) {
    const records = number(row, 'records');
    add(text(row, 'outcome'), records);
    if (row['outcome'] === 'written' && row['created'] === 1) add('created', records);
    if (row['outcome'] === 'written' && row['created'] === 0) add('updated', records);
  }
  const named = [...OUTCOMES, 'created', 'updated'] as const;
  return { ...counted, ...Object.fromEntries(named.map((name) => [name, sums.get(name) ?? 0])), ...(await deriveDeletes(database, run.id)) };
}

async function deriveDeletes(database: Database, runId: string): Promise<Pick<RunTotals, 'deletesDue' | 'deleted' | 'deletesRejected' | 'deletesHeld'>> {
  const row = (await database.get(DELETES, runId)) ?? {};
  const of = (name: string) => number(row, name);
  return { deletesDue: of('due'), deleted: of('deleted'), deletesRejected: of('rejected'), deletesHeld: of('held') };
}
