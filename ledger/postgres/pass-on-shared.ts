import type { PassOnInput } from '../delete-store.ts';
import { DOUBTED } from '../rows/drift-row.ts';
import { readPayload } from '../rows/payload.ts';
import { number, optionalText, text } from '../rows/row.ts';
import { SIDE_SEGMENT } from '../rows/side-segment.ts';
import { ARCHIVED, DELETED, PASSED_ON } from '../rows/taken-content.ts';
import { targetRefOf } from '../rows/target-ref.ts';
import type { Vault } from '../vault.ts';
import { openSideSegment } from './open-side-segment.ts';
import type { Session } from './session.ts';

/** What is due, each with the record told last of those that are the same one in the target and stay. One look through the records, however many are due. */
const SHARED = `
  WITH due AS MATERIALIZED (
    SELECT r.scope, r.key, r.target_scope, ${targetRefOf('r')} AS ref, r.observed_at, r.is_created
    FROM absences a JOIN runs run ON run.id = a.run_id CROSS JOIN LATERAL (SELECT * FROM records WHERE scope = run.scope AND key = a.key OFFSET 0) r
    WHERE a.run_id = $1 AND a.state = 'due')
  SELECT DISTINCT ON (due.key) due.scope, due.key, due.is_created, o.key AS heir, CASE WHEN due.observed_at >= o.observed_at THEN 1 ELSE 0 END AS is_last_told
  FROM due JOIN records o ON o.scope = due.scope AND due.ref = ${targetRefOf('o')} AND due.target_scope = o.target_scope
  WHERE o.content_hash IS NOT NULL AND o.content_hash <> '${ARCHIVED}' AND o.key NOT IN (SELECT key FROM due)
  ORDER BY due.key, o.observed_at DESC`;

/** Kept as a change that came to nothing, so that its story tells of it. */
const NOTE = `
  INSERT INTO changes (run_id, segment, scope, key, kind, state, outcome, hold_reason, note, content_hash, match, target_scope, target_id, observed_at, bytes, staged_at, settled_at)
  SELECT $1, (SELECT max(idx) FROM segments WHERE run_id = $1), scope, key, 'delete', 'settled', 'skipped', '${PASSED_ON}', $4, '${DELETED}', coalesce(match, ''), target_scope, target_id,
    $5::bigint, 0, $5::bigint, $5::bigint
  FROM records WHERE scope = $2 AND key = $3`;

/** As after a delete: should it return, it is a new one. */
const FORGET = `
  UPDATE records SET content_hash = NULL, target_id = NULL, told_by = 'delete', payload = NULL, source_version = NULL, is_created = 0, last_outcome = NULL, observed_at = $3
  WHERE scope = $1 AND key = $2`;

const TELL_AGAIN = `
  INSERT INTO changes (run_id, segment, scope, key, kind, state, payload, source, content_hash, match, target_scope, target_id, observed_at, bytes, staged_at)
  SELECT $1, $2::integer, scope, key, $5, 'planned', payload, $6, content_hash, coalesce(match, ''), target_scope, target_id, $7::bigint, length(payload), $7::bigint
  FROM records WHERE scope = $3 AND key = $4`;

/** What is told is believed no more: else the claim would find it told already. What cannot be told again from here (`$3`) is held for a later run, unless it waits already. */
const DOUBT = `
  UPDATE records SET content_hash = '${DOUBTED}', last_outcome = CASE WHEN $3 AND rejected_source IS NULL THEN 'held' ELSE last_outcome END WHERE scope = $1 AND key = $2`;

const WAITING = `
  SELECT s.idx FROM segments s WHERE s.run_id = $1 AND s.is_sweep = ${SIDE_SEGMENT.passedOn}
    AND EXISTS (SELECT 1 FROM changes c WHERE c.run_id = s.run_id AND c.segment = s.idx AND c.state = 'planned')`;

/** See `DeleteStore.passOnShared`. @returns how many are not due any more, and the segment that waits to be written */
export async function passOnShared(
  session: Session,
  vault: Vault,
  input: PassOnInput,
): Promise<{ readonly shared: number; readonly segment: number | undefined }> {
  const { runId, isSealed } = input;
  const now = Math.round(input.at);
  const shared = await session.all(SHARED, runId);
  const outdated = new Map<string, string>();
  for (const row of shared) {
    const [scope, key, heir] = [text(row, 'scope'), text(row, 'key'), text(row, 'heir')];
    await session.run(`UPDATE absences SET state = 'shared' WHERE run_id = $1 AND key = $2`, runId, key);
    await session.run(NOTE, runId, scope, key, vault.write(heir, isSealed), now);
    await session.run(FORGET, scope, key, now);
    await session.run(
      'UPDATE records SET is_created = greatest(is_created, $1::smallint) WHERE scope = $2 AND key = $3',
      number(row, 'is_created'),
      scope,
      heir,
    );
    if (number(row, 'is_last_told') === 1) outdated.set(heir, scope);
  }
  let segment: number | undefined;
  for (const [key, scope] of outdated) {
    const isTold = await canTellAgain(session, vault, scope, key);
    if (isTold) {
      segment ??= await openSideSegment(session, runId, 'passedOn', now);
      await session.run(TELL_AGAIN, runId, segment, scope, key, input.kind, vault.write({}, isSealed), now);
    }
    await session.run(DOUBT, scope, key, !isTold);
  }
  const waiting = await session.get(WAITING, runId);
  return { shared: shared.length, segment: waiting === undefined ? undefined : number(waiting, 'idx') };
}

/** What was not kept of it, or is in doubt, is sent when it is read again. */
async function canTellAgain(session: Session, vault: Vault, scope: string, key: string): Promise<boolean> {
  const row = await session.get(`SELECT payload FROM records WHERE scope = $1 AND key = $2 AND has_unknown = 0 AND content_hash <> '${DOUBTED}'`, scope, key);
  const payload = row === undefined ? undefined : optionalText(row, 'payload');
  return payload !== undefined && readPayload(vault, payload).fields !== undefined;
}
