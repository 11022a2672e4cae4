import { number } from '../rows/row.ts';
import type { PruneCounts } from '../upkeep-store.ts';
import type { Keeper, Step } from './keeper.ts';

const CHUNK = 2_000;

/** What is held, or unknown, keeps its story whole; and so does what a run that is alive has done. */
const IS_OVER = `
  NOT EXISTS (SELECT 1 FROM records r WHERE r.scope = c.scope AND r.key = c.key AND (r.last_outcome = 'held' OR r.has_unknown = 1))
  AND NOT EXISTS (SELECT 1 FROM runs u WHERE u.id = c.run_id AND u.ended_at IS NULL)`;

const CHANGES = `state IN ('settled', 'dropped') AND settled_at < $1`;
const VERDICTS = 'at < $1';

const ENDED = 'SELECT id FROM runs WHERE ended_at < $1';

/** The latest comparison of a sync with its target is no audit. */
const OLD_RECONCILIATIONS = `
  SELECT r.id FROM reconciliations r WHERE r.ended_at < $1 AND EXISTS (SELECT 1 FROM reconciliations l WHERE l.scope = r.scope AND l.ended_at > r.ended_at)`;

/** What belongs to what is gone, or to runs that had ended. */
const LEFTOVERS = [
  `DELETE FROM attempts WHERE batch_id NOT IN (SELECT id FROM batches) AND sent_at < $1`,
  `DELETE FROM segments WHERE run_id IN (${ENDED})`,
  `DELETE FROM planned_records WHERE run_id IN (${ENDED})`,
  `DELETE FROM absences WHERE run_id IN (${ENDED})`,
  `DELETE FROM lookups WHERE run_id IN (${ENDED})`,
  `DELETE FROM incident_notices WHERE incident_id IN (SELECT id FROM incidents WHERE closed_at < $1)`,
  'DELETE FROM incidents WHERE closed_at < $1',
  'DELETE FROM delivered_events WHERE drained_at < $1',
  'DELETE FROM deliveries WHERE keep_until < $1',
  // Those of places that are read no more are among them; another is read once more, and remembered again.
  'DELETE FROM remembered_pages WHERE kept_at < $1',
  `DELETE FROM findings WHERE reconciliation_id IN (${OLD_RECONCILIATIONS})`,
  `DELETE FROM reconciliations WHERE id IN (${OLD_RECONCILIATIONS})`,
];

const BATCHES = `DELETE FROM batches WHERE state = 'settled' AND claimed_at < $1 AND run_id IN (${ENDED}) AND run_id NOT IN (SELECT run_id FROM changes)`;

/** See `UpkeepStore.pruneAudit`. A chunk at a time: nobody waits for long. */
export async function pruneAudit(keeper: Keeper, before: number): Promise<PruneCounts> {
  const at = Math.round(before);
  const changes = await pruneById(keeper, 'changes', CHANGES, at);
  const verdicts = await pruneById(keeper, 'verdicts', VERDICTS, at);
  const [batches = 0] = await keeper.batch([[BATCHES, at], ...LEFTOVERS.map((sql): Step => [sql, at])]);
  return { changes, verdicts, batches };
}

async function pruneById(keeper: Keeper, table: 'changes' | 'verdicts', isOld: string, at: number): Promise<number> {
  let pruned = 0;
  for (let after = 0; ; ) {
    const rows = await keeper.all(`SELECT id FROM ${table} WHERE id > $1 ORDER BY id LIMIT ${CHUNK}`, after);
    const last = rows.at(-1);
    if (last === undefined) return pruned;
    const end = number(last, 'id');
    const [count = 0] = await keeper.batch([[`DELETE FROM ${table} AS c WHERE ${isOld} AND id > $2 AND id <= $3 AND ${IS_OVER}`, at, after, end]]);
    pruned += count;
    after = end;
  }
}
