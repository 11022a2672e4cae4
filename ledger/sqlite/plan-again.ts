import type { ChangeOutcome, RefusalTerms } from '../ledger.ts';
import { optionalNumber, optionalText, text } from '../rows/row.ts';
import { Counts } from '../rows/segment-row.ts';
import type { SendingChange } from '../rows/sending-change.ts';
import type { Database } from './database.ts';
import { noteHold } from './refusals.ts';
import { saveCounts } from './segment-row.ts';

type Again = Extract<ChangeOutcome, { outcome: 'again' }>;

/** The run that a batch's changes go on in: its own while that is alive, else the live one of its scope; undefined where there is none. */
export function continuingRun(database: Database, runId: string): string | undefined {
  const sql = `SELECT CASE WHEN r.ended_at IS NULL THEN r.id ELSE (SELECT l.id FROM runs l WHERE l.scope = r.scope AND l.lane = '' AND l.state IN ('running', 'paused')) END AS id
    FROM runs r WHERE r.id = ?`;
  return optionalText(database.get(sql, runId) ?? {}, 'id');
}

const DROP = `UPDATE changes SET state = 'dropped', settled_at = ?, source = NULL, payload = NULL WHERE id = ?`;

/**
 * Surely not applied: planned again, perhaps as another kind, or only together with its half of a refused batch. Where the ledger has heard newer of the record, that
 * goes in its place, knowing what this change has learned.
 */
export function planAgain(
  database: Database,
  change: SendingChange,
  outcome: Again,
  { at, terms, runs }: { readonly at: number; readonly terms: RefusalTerms; readonly runs: { readonly own: string; readonly next: string | undefined } },
): void {
  const { id, scope, key } = change;
  // A later run looks by itself for what has gone.
  if (change.isDelete && runs.own !== runs.next) return void database.run(DROP, at, id);
  const isOwn = change.isLatest || change.isAside || change.isDelete;
  const place = runs.own === runs.next || change.isAside ? undefined : findPlace(database, change, runs);
  if (runs.own === runs.next ? isOwn : place?.at !== undefined) {
    if (place?.at !== undefined) adopt(database, change, place.at, place.isHeld);
    const sql = `UPDATE changes SET state = 'planned', batch_limit = coalesce(?, batch_limit), batch_group = coalesce(?, batch_group), kind = coalesce(?, kind),
      target_id = coalesce(?, target_id) WHERE id = ?`;
    database.run(sql, outcome.batchLimit ?? null, outcome.group ?? null, outcome.kind ?? null, outcome.targetId ?? null, id);
  } else {
    if (place !== undefined && !place.isHeld && change.isLatest) hold(database, change, at, terms);
    database.run(DROP, at, id);
    const sql = `UPDATE changes SET kind = coalesce(?, kind), target_id = coalesce(?, target_id) WHERE scope = ? AND key = ? AND state = 'planned' AND id > ?`;
    database.run(sql, outcome.kind ?? null, outcome.targetId ?? null, scope, key, id);
  }
  database.run('UPDATE records SET has_unknown = 0 WHERE scope = ? AND key = ? AND has_unknown', scope, key);
}

/** A segment of a run that somebody writes for as long as something is planned in it. The first one's writer looks into what runs have left that had ended before. */
const SEGMENT = `
  SELECT s.idx FROM segments s JOIN runs l ON l.id = s.run_id JOIN runs own ON own.id = ?2 WHERE s.run_id = ?1 AND s.idx >= 0 AND s.is_sweep = 0
    AND (s.state = 'open' OR (s.idx = 0 AND own.ended_at <= l.started_at) OR EXISTS (SELECT 1 FROM batches b WHERE b.run_id = s.run_id AND b.segment = s.idx AND b.state <> 'settled')
      OR EXISTS (SELECT 1 FROM changes c INDEXED BY changes_planned WHERE c.run_id = s.run_id AND c.segment = s.idx AND c.state = 'planned'))
  ORDER BY s.idx LIMIT 1`;

/** Where the change of a run that has ended goes on. */
interface Place {
  /** Undefined where nobody would write it: a later run tries it again. */
  readonly at: { readonly runId: string; readonly segment: number } | undefined;
  /** The live run has held the record for the sake of this change. */
  readonly isHeld: boolean;
}

/** @returns undefined where the live run has a newer word on the record */
function findPlace(database: Database, { scope, key }: SendingChange, runs: { readonly own: string; readonly next: string | undefined }): Place | undefined {
  if (runs.next === undefined) return { at: undefined, isHeld: false };
  const sighting = database.get('SELECT last_run, reason, change_id FROM sightings WHERE scope = ? AND key = ?', scope, key);
  if (sighting === undefined) return undefined;
  const isSeen = text(sighting, 'last_run') === runs.next;
  const isHeld = isSeen && optionalNumber(sighting, 'change_id') === undefined && optionalText(sighting, 'reason') === 'unknown';
  if (isSeen && !isHeld) return undefined;
  const segment = optionalNumber(database.get(SEGMENT, runs.next, runs.own) ?? {}, 'idx');
  return { at: segment === undefined ? undefined : { runId: runs.next, segment }, isHeld };
}

/** It goes on in the live run, which may have moved past its record: as the record that is held for its sake, or as one retried from earlier. */
function adopt(database: Database, { id, scope, key }: SendingChange, { runId, segment }: NonNullable<Place['at']>, isHeld: boolean): void {
  const counts = new Counts();
  if (isHeld) counts.add('held', -1);
  else counts.add('retried');
  saveCounts(database, counts, runId, segment);
  database.run(`UPDATE sightings SET last_run = ?, disposition = 'change', reason = NULL, change_id = ? WHERE scope = ? AND key = ?`, runId, id, scope, key);
  database.run('UPDATE changes SET run_id = ?, segment = ? WHERE id = ?', runId, segment, id);
}

/** A later run tries it again, from its source. */
function hold(database: Database, { id, scope, key }: SendingChange, at: number, terms: RefusalTerms): void {
  const source = text(database.get('SELECT source FROM changes WHERE id = ?', id) ?? {}, 'source');
  noteHold(database, { scope, key, source, at, terms, isWaiting: true });
}
