import { batchIdRange } from '../../engine/ids.ts';
import type { OutcomeStore } from '../outcome-store.ts';
import { FIRST_OUTCOME, outcomesOf, placeOf } from '../rows/outcome-row.ts';
import { text } from '../rows/row.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';

/** By the beginning that the ids of a run's batches share. What is still `sending` has lost its answer. */
const SENT = `
  SELECT 'sent' AS part, batch_id, id, key, kind, CASE WHEN state = 'settled' THEN outcome ELSE 'held' END AS outcome, hold_reason AS reason, rejection, target_id
  FROM changes WHERE batch_id >= ?1 AND batch_id < ?2 AND (batch_id, id) > (?3, ?4) AND state IN ('settled', 'sending')
    AND (?5 = 0 OR state = 'sending' OR outcome IN ('rejected', 'held'))
  ORDER BY batch_id, id LIMIT ?6`;

const READ = `
  SELECT 'read' AS part, '' AS batch_id, id, key, NULL AS kind, disposition AS outcome, reason, CASE WHEN disposition = 'rejected' THEN detail END AS rejection, NULL AS target_id
  FROM verdicts WHERE scope = ?1 AND run_id = ?2 AND id > ?3 AND disposition IN ('rejected', 'held') ORDER BY id LIMIT ?4`;

export function createOutcomeStore(database: Database, vault: Vault): OutcomeStore {
  return {
    listRunOutcomes: (runId, { after, limit, isFailedOnly = false }) =>
      database.read(() => {
        const run = database.get('SELECT scope FROM runs WHERE id = ?', runId);
        if (run === undefined) return { outcomes: [] };
        const place = placeOf(after);
        const { from, to } = batchIdRange(runId);
        const sent = place.part === 'sent' ? database.all(SENT, from, to, place.batchId, place.id, isFailedOnly ? 1 : 0, limit + 1) : [];
        const { id } = place.part === 'read' ? place : FIRST_OUTCOME;
        const read = sent.length > limit ? [] : database.all(READ, text(run, 'scope'), runId, id, limit + 1 - sent.length);
        return outcomesOf(vault, [...sent, ...read], limit);
      }),
  };
}
