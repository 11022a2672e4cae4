import { setImmediate as nextTurn } from 'node:timers/promises';
import { OUTCOMES, type RunTotals } from '../../engine/outcome.ts';
import type { Run } from '../ledger.ts';
import { number, text } from '../rows/row.ts';
import { laneOf } from '../rows/run-row.ts';
import { ARCHIVED, DELETED } from '../rows/taken-content.ts';
import type { Database } from './database.ts';
import { liveTotals } from './run-row.ts';

/** Sightings summed at a time: a scope may have millions, and other work of this process should not wait for all of them. */
const CHUNK = 20_000;

const CHUNK_END = 'SELECT key FROM sightings WHERE scope = ? AND key > ? ORDER BY key LIMIT 1 OFFSET ?';

/** The latest change of each key tells its outcome, one without an answer being held; where there is no change, the sighting does. */
const OUTCOMES_OF_CHUNK = `
  SELECT CASE WHEN s.change_id IS NULL THEN s.disposition WHEN c.state = 'settled' THEN c.outcome WHEN c.state = 'sending' THEN 'held' ELSE c.state END AS outcome,
    c.created AS created, count(*) AS records
  FROM sightings s LEFT JOIN changes c ON c.id = s.change_id
  WHERE s.scope = ?1 AND s.key > ?2 AND (?3 IS NULL OR s.key <= ?3) AND s.last_run = ?4 GROUP BY 1, 2`;

/** What is due and has no outcome waits for an answer, or for a person: it is held. What came back meanwhile is not due any more. */
const DELETES = `
  SELECT coalesce(sum(outcome IS NOT 'superseded'), 0) AS due, coalesce(sum(outcome = 'written'), 0) AS deleted, coalesce(sum(outcome = 'rejected'), 0) AS rejected,
    coalesce(sum(outcome IS NULL OR outcome = 'held'), 0) AS held
  FROM (SELECT (SELECT c.outcome FROM runs run JOIN changes c INDEXED BY changes_by_key ON c.scope = run.scope AND c.key = a.key
      WHERE run.id = a.run_id AND c.run_id = a.run_id AND c.content_hash IN ('${DELETED}', '${ARCHIVED}')) AS outcome
    FROM absences a WHERE a.run_id = ? AND a.state = 'due')`;

function deriveDeletes(database: Database, runId: string): Pick<RunTotals, 'deletesDue' | 'deleted' | 'deletesRejected' | 'deletesHeld'> {
  const row = database.get(DELETES, runId) ?? {};
  const of = (name: string) => number(row, name);
  return { deletesDue: of('due'), deleted: of('deleted'), deletesRejected: of('rejected'), deletesHeld: of('held') };
}

/** See `RunStore.deriveTotals`. */
export async function deriveTotals(database: Database, findRun: () => Run): Promise<RunTotals> {
  const { run, counted } = await database.read(() => {
    const found = findRun();
    return {
      run: found,
      counted: found.endedAt === undefined ? liveTotals(database, found.id, found.options.retry === true, found.totals.expected) : found.totals,
    };
  });
  if (run.endedAt !== undefined) return run.totals;
  const sightings = run.scope + laneOf(run);
  const sums = new Map<string, number>();
  const add = (name: string, records: number) => sums.set(name, (sums.get(name) ?? 0) + records);
  for (let after: string | undefined = ''; after !== undefined; ) {
    const from: string = after;
    after = await database.read(() => {
      const end = database.get(CHUNK_END, sightings, from, CHUNK);
      const last = end === undefined ? undefined : text(end, 'key');
      for (const row of database.all(OUTCOMES_OF_CHUNK, sightings, from, last ?? null, run.id)) {
        const records = number(row, 'records');
        add(text(row, 'outcome'), records);
        if (row['outcome'] === 'written' && row['created'] === 1) add('created', records);
        if (row['outcome'] === 'written' && row['created'] === 0) add('updated', records);
      }
      return last;
    });
    await nextTurn();
  }
  const named = [...OUTCOMES, 'created', 'updated'] as const;
  const deletes = await database.read(() => deriveDeletes(database, run.id));
  return { ...counted, ...Object.fromEntries(named.map((name) => [name, sums.get(name) ?? 0])), ...deletes };
}
