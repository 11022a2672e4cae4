import type { DriftStore } from '../drift-store.ts';
import { DOUBTED, TOLD_AGAIN } from '../rows/drift-row.ts';
import type { Vault } from '../vault.ts';
import { lockScopeOfRun } from './locks.ts';
import { findSideSegment, openSideSegment } from './open-side-segment.ts';
import type { Session } from './session.ts';

/** Also what was found before, and then not told again: its hash is not known any more. Not what was missing, and the source has left out since. */
const FOUND = `
  FROM findings f JOIN runs run ON run.id = $1 JOIN records r ON r.scope = run.scope AND r.key = f.key
  WHERE f.reconciliation_id = $2 AND f.kind IN ('missing', 'changed') AND r.has_unknown = 0 AND (r.content_hash IS NOT NULL
    OR (r.payload IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sightings s WHERE s.scope = r.scope AND s.key = r.key AND s.disposition = 'skipped')))`;

const INSERT = `
  INSERT INTO changes (run_id, segment, scope, key, kind, state, payload, source, content_hash, match, target_scope, target_id, observed_at, bytes, staged_at)
  SELECT $1, $3::integer, r.scope, r.key, CASE WHEN f.kind = 'missing' THEN $4 ELSE $5 END, 'planned', coalesce(r.payload, ''), $6, coalesce(nullif(r.content_hash, '${DOUBTED}'), '${TOLD_AGAIN}'), coalesce(r.match, ''), $7,
    CASE WHEN f.kind = 'changed' THEN r.target_id END, $8::bigint, length(coalesce(r.payload, '')), $8::bigint
  ${FOUND} ORDER BY f.n`;

/** What is told is believed no more: else the claim would find it told already. */
const DOUBT = `
  UPDATE records SET content_hash = CASE WHEN found.kind = 'missing' THEN NULL ELSE '${DOUBTED}' END, target_id = CASE WHEN found.kind = 'missing' THEN NULL ELSE records.target_id END
  FROM (SELECT r.scope, r.key, f.kind ${FOUND}) AS found WHERE records.scope = found.scope AND records.key = found.key`;

type Input = Parameters<DriftStore['stageRepairs']>[0];

/** See `DriftStore.stageRepairs`. */
export async function stageRepairs(session: Session, vault: Vault, { runId, reconciliationId, targetScope, kinds, isSealed, at }: Input): Promise<number> {
  await lockScopeOfRun(session, runId);
  const known = await findSideSegment(session, runId, 'repair');
  if (known !== undefined) return known;
  const now = Math.round(at);
  const segment = await openSideSegment(session, runId, 'repair', now);
  await session.run(INSERT, runId, reconciliationId, segment, kinds.missing, kinds.changed, vault.write({}, isSealed), targetScope, now);
  await session.run(DOUBT, runId, reconciliationId);
  return segment;
}
