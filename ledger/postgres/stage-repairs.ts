import type { DriftStore } from '../drift-store.ts';
import { number } from '../rows/row.ts';
import type { Vault } from '../vault.ts';
import { lockScopeOfRun } from './locks.ts';
import type { Session } from './session.ts';

/** In `segments.is_sweep`: neither read nor swept, but written again. */
const REPAIR = 2;

const FOUND = `
  FROM findings f JOIN runs run ON run.id = $1 JOIN records r ON r.scope = run.scope AND r.key = f.key
  WHERE f.reconciliation_id = $2 AND f.kind IN ('missing', 'changed') AND r.content_hash IS NOT NULL AND r.has_unknown = 0`;

const OPEN = `
  INSERT INTO segments (run_id, idx, state, is_last, max_cursor_value, opened_at, is_sweep)
  SELECT run_id, idx + 1, 'complete', 1, max_cursor_value, $2::bigint, ${REPAIR} FROM segments WHERE run_id = $1 ORDER BY idx DESC LIMIT 1 RETURNING idx`;

const INSERT = `
  INSERT INTO changes (run_id, segment, scope, key, kind, state, payload, source, content_hash, match, target_scope, target_id, observed_at, bytes, staged_at)
  SELECT $1, $3::integer, r.scope, r.key, CASE WHEN f.kind = 'missing' THEN $4 ELSE $5 END, 'planned', coalesce(r.payload, ''), $6, r.content_hash, coalesce(r.match, ''), $7,
    CASE WHEN f.kind = 'changed' THEN r.target_id END, $8::bigint, length(coalesce(r.payload, '')), $8::bigint
  ${FOUND} ORDER BY f.n`;

/** What is told is believed no more: else the claim would find it told already. */
const DOUBT = `
  UPDATE records SET content_hash = CASE WHEN found.kind = 'missing' THEN NULL ELSE 'doubted' END, target_id = CASE WHEN found.kind = 'missing' THEN NULL ELSE records.target_id END
  FROM (SELECT r.scope, r.key, f.kind ${FOUND}) AS found WHERE records.scope = found.scope AND records.key = found.key`;

type Input = Parameters<DriftStore['stageRepairs']>[0];

/** See `DriftStore.stageRepairs`. */
export async function stageRepairs(session: Session, vault: Vault, { runId, reconciliationId, targetScope, kinds, isSealed, at }: Input): Promise<number> {
  await lockScopeOfRun(session, runId);
  const known = await session.get('SELECT idx FROM segments WHERE run_id = $1 AND is_sweep = $2', runId, REPAIR);
  if (known !== undefined) return number(known, 'idx');
  const now = Math.round(at);
  const segment = number((await session.get(OPEN, runId, now)) ?? {}, 'idx');
  await session.run(INSERT, runId, reconciliationId, segment, kinds.missing, kinds.changed, vault.write({}, isSealed), targetScope, now);
  await session.run(DOUBT, runId, reconciliationId);
  return segment;
}
