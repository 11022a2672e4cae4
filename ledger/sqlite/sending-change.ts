import type { ChangeOutcome } from '../ledger.ts';
import { text } from '../rows/row.ts';
import { HAS_LATER_CHANGE, readSendingChange, type SendingChange, sightingsOf } from '../rows/sending-change.ts';
import { ASIDE } from '../rows/side-segment.ts';
import { ARCHIVED, DELETED } from '../rows/taken-content.ts';
import type { HeldBatch } from './batches.ts';
import type { Database } from './database.ts';

/** Lists of ids: a row for each change would cost more than to find it. `?2`: where the run keeps its sightings. */
const standing = (wasTold: string, records: string) => `
  SELECT json_group_array(id) FILTER (WHERE is_plain AND was_told) AS told, json_group_array(id) FILTER (WHERE is_plain AND NOT was_told) AS untold,
    json_group_array(id) FILTER (WHERE NOT is_plain) AS others
  FROM (SELECT c.id, ${wasTold} AS was_told, s.change_id IS c.id AND c.content_hash NOT IN ('${DELETED}', '${ARCHIVED}') AS is_plain
    FROM changes c LEFT JOIN sightings s ON s.scope = ?2 AND s.key = c.key ${records} WHERE c.batch_id = ?1 AND c.state = 'sending')`;
const STANDING = standing('0', '');
const STANDING_AND_TOLD = standing('r.content_hash IS NOT NULL', 'LEFT JOIN records r ON r.scope = c.scope AND r.key = c.key');

const SENDING = `
  SELECT c.id, c.scope, c.key, c.content_hash, s.change_id AS latest, r.content_hash AS told_hash, r.refusals, seg.is_sweep IN (${ASIDE}) AS is_aside,
    seg.is_sweep IN (${ASIDE}) AND r.rejected_source IS NULL AND (s.key IS NULL OR (s.last_seen_at <= c.staged_at AND NOT ${HAS_LATER_CHANGE})) AS is_last_word
  FROM json_each(?2) i CROSS JOIN changes c ON c.id = i.value JOIN runs run ON run.id = c.run_id LEFT JOIN sightings s ON s.scope = ${sightingsOf('run')} AND s.key = c.key
    LEFT JOIN records r ON r.scope = c.scope AND r.key = c.key LEFT JOIN segments seg ON seg.run_id = c.run_id AND seg.idx = c.segment
  WHERE c.batch_id = ?1 AND c.state = 'sending'`;

/** The changes of a batch that wait for their outcome, by id. */
export interface Standing {
  /** Of these nothing but their end is to be noted, once they are written: whether the target was told of the record before, where that was asked. */
  readonly plain: ReadonlyMap<number, boolean>;
  readonly others: ReadonlySet<number>;
}

/** @param asksTold whether it matters if the target was told of a record before */
export function readStanding(database: Database, { id, sightings }: HeldBatch, asksTold: boolean): Standing {
  const row = database.get(asksTold ? STANDING_AND_TOLD : STANDING, id, sightings) ?? {};
  const ids = (name: string): readonly number[] => JSON.parse(text(row, name));
  const plain = new Map<number, boolean>();
  for (const change of ids('told')) plain.set(change, true);
  for (const change of ids('untold')) plain.set(change, false);
  return { plain, others: new Set(ids('others')) };
}

/** Those changes of a batch that wait for one of these outcomes, by id. */
export function readSending(database: Database, batchId: string, outcomes: readonly ChangeOutcome[]): ReadonlyMap<number, SendingChange> {
  if (outcomes.length === 0) return new Map();
  const ids = outcomes.map(({ changeId }) => changeId);
  const rows = database.all(SENDING, batchId, JSON.stringify(ids));
  return new Map(rows.map(readSendingChange).map((change) => [change.id, change]));
}
