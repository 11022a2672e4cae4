import type { PassOnInput } from '../delete-store.ts';
import { DOUBTED } from '../rows/drift-row.ts';
import { readPayload } from '../rows/payload.ts';
import { number, optionalText, text } from '../rows/row.ts';
import { SIDE_SEGMENT } from '../rows/side-segment.ts';
import { ARCHIVED, DELETED, PASSED_ON } from '../rows/taken-content.ts';
import { targetRefOf } from '../rows/target-ref.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { openSideSegment } from './open-side-segment.ts';

/** What is due, each with the record told last of those that are the same one in the target and stay. One look through the records, however many are due. */
const SHARED = `
  WITH due AS MATERIALIZED (
    SELECT r.key, r.target_scope, ${targetRefOf('r')} AS ref, r.observed_at, r.is_created
    FROM absences a JOIN runs run ON run.id = a.run_id JOIN records r ON r.scope = run.scope AND r.key = a.key WHERE a.run_id = ?1 AND a.state = 'due')
  SELECT run.scope, due.key, due.is_created, o.key AS heir, due.observed_at >= max(o.observed_at) AS is_last_told
  FROM runs run CROSS JOIN records o CROSS JOIN due ON due.ref = ${targetRefOf('o')} AND due.target_scope = o.target_scope
  WHERE run.id = ?1 AND o.scope = run.scope AND o.content_hash IS NOT NULL AND o.content_hash <> '${ARCHIVED}'
    AND NOT EXISTS (SELECT 1 FROM absences b WHERE b.run_id = ?1 AND b.key = o.key AND b.state = 'due')
  GROUP BY due.key ORDER BY due.key`;

/** Kept as a change that came to nothing, so that its story tells of it. */
const NOTE = `
  INSERT INTO changes (run_id, segment, scope, key, kind, state, outcome, hold_reason, note, content_hash, match, target_scope, target_id, observed_at, bytes, staged_at, settled_at)
  SELECT ?1, (SELECT max(idx) FROM segments WHERE run_id = ?1), scope, key, 'delete', 'settled', 'skipped', '${PASSED_ON}', ?4, '${DELETED}', coalesce(match, ''), target_scope, target_id, ?5, 0, ?5, ?5
  FROM records WHERE scope = ?2 AND key = ?3`;

/** As after a delete: should it return, it is a new one. */
const FORGET = `
  UPDATE records SET content_hash = NULL, target_id = NULL, told_by = 'delete', payload = NULL, source_version = NULL, is_created = 0, last_outcome = NULL, observed_at = ?3
  WHERE scope = ?1 AND key = ?2`;

const TELL_AGAIN = `
  INSERT INTO changes (run_id, segment, scope, key, kind, state, payload, source, content_hash, match, target_scope, target_id, observed_at, bytes, staged_at)
  SELECT ?1, ?2, scope, key, ?5, 'planned', payload, ?6, content_hash, coalesce(match, ''), target_scope, target_id, ?7, length(payload), ?7 FROM records WHERE scope = ?3 AND key = ?4`;

/** What is told is believed no more: else the claim would find it told already. What cannot be told again from here (`?3`) is held for a later run, unless it waits already. */
const DOUBT = `
  UPDATE records SET content_hash = '${DOUBTED}', last_outcome = CASE WHEN ?3 AND rejected_source IS NULL THEN 'held' ELSE last_outcome END WHERE scope = ?1 AND key = ?2`;

const WAITING = `
  SELECT s.idx FROM segments s WHERE s.run_id = ? AND s.is_sweep = ${SIDE_SEGMENT.passedOn}
    AND EXISTS (SELECT 1 FROM changes c INDEXED BY changes_planned WHERE c.run_id = s.run_id AND c.segment = s.idx AND c.state = 'planned')`;

/** See `DeleteStore.passOnShared`. @returns how many are not due any more, and the segment that waits to be written */
export function passOnShared(database: Database, vault: Vault, input: PassOnInput): { readonly shared: number; readonly segment: number | undefined } {
  const { runId, isSealed } = input;
  const now = Math.round(input.at);
  const shared = database.all(SHARED, runId);
  const outdated = new Map<string, string>();
  for (const row of shared) {
    const [scope, key, heir] = [text(row, 'scope'), text(row, 'key'), text(row, 'heir')];
    database.run(`UPDATE absences SET state = 'shared' WHERE run_id = ? AND key = ?`, runId, key);
    database.run(NOTE, runId, scope, key, vault.write(heir, isSealed), now);
    database.run(FORGET, scope, key, now);
    database.run('UPDATE records SET is_created = max(is_created, ?) WHERE scope = ? AND key = ?', number(row, 'is_created'), scope, heir);
    if (row['is_last_told'] === 1) outdated.set(heir, scope);
  }
  let segment: number | undefined;
  for (const [key, scope] of outdated) {
    const isTold = canTellAgain(database, vault, scope, key);
    if (isTold) {
      segment ??= openSideSegment(database, runId, 'passedOn', now);
      database.run(TELL_AGAIN, runId, segment, scope, key, input.kind, vault.write({}, isSealed), now);
    }
    database.run(DOUBT, scope, key, Number(!isTold));
  }
  const waiting = database.get(WAITING, runId);
  return { shared: shared.length, segment: waiting === undefined ? undefined : number(waiting, 'idx') };
}

/** What was not kept of it, or is in doubt, is sent when it is read again. */
function canTellAgain(database: Database, vault: Vault, scope: string, key: string): boolean {
  const row = database.get(`SELECT payload FROM records WHERE scope = ? AND key = ? AND NOT has_unknown AND content_hash <> '${DOUBTED}'`, scope, key);
  const payload = row === undefined ? undefined : optionalText(row, 'payload');
  return payload !== undefined && readPayload(vault, payload).fields !== undefined;
}
