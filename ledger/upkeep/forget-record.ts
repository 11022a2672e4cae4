import { isJsonObject } from '../../engine/json.ts';
import { batchesOf } from '../rows/change-events.ts';
import { json, number, type Row, text } from '../rows/row.ts';
import type { OpenWork } from '../upkeep-store.ts';
import type { Keeper, Step } from './keeper.ts';

const OPEN = `
  SELECT (SELECT count(*) FROM sightings WHERE scope IN (SELECT scope || lane FROM runs WHERE scope = $1) AND key = $2) AS seen, (SELECT count(*) FROM records WHERE scope = $1 AND key = $2) AS known,
    (SELECT count(*) FROM delivered_events WHERE scope = $1 AND key = $2) AS events, (SELECT count(*) FROM sample_keys WHERE scope = $1 AND key = $2) AS samples,
    (SELECT count(*) FROM runs WHERE scope = $1 AND state IN ('running', 'paused')) AS runs,
    (SELECT count(*) FROM changes WHERE scope = $1 AND key = $2 AND state IN ('planned', 'sending')) AS changes,
    (SELECT count(*) FROM records WHERE scope = $1 AND key = $2 AND has_unknown = 1) AS unknown,
    (SELECT count(*) FROM records WHERE scope = $1 AND key = $2 AND last_outcome = 'held') AS held`;

/** See `UpkeepStore.readOpenWork`. */
export async function readOpenWork(keeper: Keeper, scope: string, key: string): Promise<OpenWork> {
  const [row = {}] = await keeper.all(OPEN, scope, key);
  const of = (name: string) => number(row, name);
  return {
    isKnown: of('seen') + of('known') + of('events') + of('samples') > 0,
    isRunAlive: of('runs') > 0,
    changes: of('changes'),
    isUnknown: of('unknown') > 0,
    isHeld: of('held') > 0,
  };
}

/** Each takes the scope and the key. */
const ERASE = [
  'DELETE FROM records WHERE scope = $1 AND key = $2',
  'DELETE FROM sightings WHERE scope = $1 AND key = $2',
  `DELETE FROM sightings WHERE scope IN (SELECT scope || lane FROM runs WHERE scope = $1 AND lane <> '') AND key = $2`,
  'DELETE FROM verdicts WHERE scope = $1 AND key = $2',
  'DELETE FROM changes WHERE scope = $1 AND key = $2',
  'DELETE FROM conflict_decisions WHERE scope = $1 AND key = $2',
  'DELETE FROM awaited_references WHERE scope = $1 AND key = $2',
  'DELETE FROM awaited_references WHERE ref_scope = $1 AND ref_key = $2',
  'DELETE FROM absences WHERE run_id IN (SELECT id FROM runs WHERE scope = $1) AND key = $2',
  'DELETE FROM planned_records WHERE run_id IN (SELECT id FROM runs WHERE scope = $1) AND key = $2',
  'DELETE FROM delivered_events WHERE scope = $1 AND key = $2',
  'DELETE FROM findings WHERE reconciliation_id IN (SELECT id FROM reconciliations WHERE scope = $1) AND key = $2',
];

const SAMPLE_KEYS = 'SELECT sample_id FROM sample_keys WHERE scope = $1';

/** Samples of which nobody knows what records they hold may hold this one. */
const FORGET_SAMPLES = [
  `DELETE FROM request_samples WHERE id IN (${SAMPLE_KEYS} AND key = $2)`,
  `DELETE FROM request_samples WHERE scope = $1 AND id NOT IN (${SAMPLE_KEYS})`,
  'DELETE FROM sample_keys WHERE scope = $1 AND sample_id NOT IN (SELECT id FROM request_samples)',
];

/** See `UpkeepStore.forgetRecord`. */
export async function forgetRecord(keeper: Keeper, scope: string, key: string): Promise<boolean> {
  const changes = await keeper.all('SELECT batch_id, earlier_batches FROM changes WHERE scope = $1 AND key = $2', scope, key);
  const runs = await keeper.all('SELECT id, options FROM runs WHERE scope = $1', scope);
  const counts = await keeper.batch(
    [
      ...ERASE.map((sql): Step => [sql, scope, key]),
      // The path of a request for one record has its id.
      ...changes
        .flatMap(batchesOf)
        .map((id): Step => ['DELETE FROM attempts WHERE batch_id = $1 AND EXISTS (SELECT 1 FROM batches b WHERE b.id = attempts.batch_id AND b.size = 1)', id]),
      ...FORGET_SAMPLES.map((sql): Step => (sql.includes('$2') ? [sql, scope, key] : [sql, scope])),
      // What is remembered of pages names their records.
      ['DELETE FROM remembered_pages WHERE scope = $1', scope],
      ...runs.flatMap((run) => withoutKey(run, key)),
    ],
    scope,
  );
  return counts.slice(0, ERASE.length).some((count) => count > 0);
}

/** A run may have been asked for this very record. */
function withoutKey(run: Row, key: string): readonly Step[] {
  const options = json(run, 'options');
  if (!isJsonObject(options) || !Array.isArray(options['keys']) || !options['keys'].includes(key)) return [];
  const kept = { ...options, keys: options['keys'].filter((each) => each !== key) };
  return [['UPDATE runs SET options = $1 WHERE id = $2', JSON.stringify(kept), text(run, 'id')]];
}
