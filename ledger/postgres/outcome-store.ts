import { batchIdRange } from '../../engine/ids.ts';
import type { OutcomeStore } from '../outcome-store.ts';
import { FIRST_OUTCOME, outcomesOf, placeOf } from '../rows/outcome-row.ts';
import { text } from '../rows/row.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';

const COLUMNS = `'sent' AS part, batch_id, id, key, kind, CASE WHEN state = 'settled' THEN outcome ELSE 'held' END AS outcome, hold_reason AS reason, rejection, target_id`;

/** Page by page, each by the index of those that are being sent, or of the others. */
const sentWhere = (which: string) => `
  (SELECT ${COLUMNS} FROM changes WHERE batch_id >= $1 AND batch_id < $2 AND (batch_id, id) > ($3, $4) AND ${which} ORDER BY batch_id, id LIMIT $6)`;

/** By the beginning that the ids of a run's batches share. What is still `sending` has lost its answer. */
const SENT = `
  ${sentWhere(`state <> 'sending' AND state = 'settled' AND (NOT $5 OR outcome IN ('rejected', 'held'))`)}
  UNION ALL ${sentWhere(`state = 'sending'`)} ORDER BY batch_id, id LIMIT $6`;

const READ = `
  SELECT 'read' AS part, '' AS batch_id, id, key, NULL AS kind, disposition AS outcome, reason, CASE WHEN disposition = 'rejected' THEN detail END AS rejection, NULL AS target_id
  FROM verdicts WHERE scope = $1 AND run_id = $2 AND id > $3 AND disposition IN ('rejected', 'held') ORDER BY id LIMIT $4`;

export function createOutcomeStore(database: Database, vault: Vault): OutcomeStore {
  return {
    listRunOutcomes: async (runId, { after, limit, isFailedOnly = false }) => {
      const run = await database.get('SELECT scope FROM runs WHERE id = $1', runId);
      if (run === undefined) return { outcomes: [] };
      const scope = text(run, 'scope');
      const place = placeOf(after);
      const { from, to } = batchIdRange(runId);
      const sent = place.part === 'sent' ? await database.all(SENT, from, to, place.batchId, place.id, isFailedOnly, limit + 1) : [];
      const { id } = place.part === 'read' ? place : FIRST_OUTCOME;
      const read = sent.length > limit ? [] : await database.all(READ, scope, runId, id, limit + 1 - sent.length);
      return outcomesOf(vault, [...sent, ...read], limit);
    },
  };
}
