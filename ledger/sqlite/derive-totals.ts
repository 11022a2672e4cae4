import { OUTCOMES, type RunTotals } from '../../engine/outcome.ts';
import type { Run } from '../ledger.ts';
import { number } from '../rows/row.ts';
import { laneOf } from '../rows/run-row.ts';
import { ARCHIVED, DELETED } from '../rows/taken-content.ts';
import type { Database } from './database.ts';
import { liveTotals } from './run-row.ts';
import { sumOutcomes } from './sum-outcomes.ts';

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
  const sums = await sumOutcomes(database, run.scope + laneOf(run), run.id);
  const named = [...OUTCOMES, 'created', 'updated'] as const;
  const deletes = await database.read(() => deriveDeletes(database, run.id));
  return { ...counted, ...Object.fromEntries(named.map((name) => [name, sums.get(name) ?? 0])), ...deletes };
}
