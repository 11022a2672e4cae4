import type { DriftStore } from '../drift-store.ts';
import { DOUBTED, TOLD_AGAIN } from '../rows/drift-row.ts';
import { optionalText, text } from '../rows/row.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { findSideSegment, openSideSegment } from './open-side-segment.ts';

/** Also what was found before, and then not told again: its hash is not known any more. Not what was missing, and the source has left out since. */
const FOUND = `
  SELECT f.kind, r.scope, r.key, r.target_id, r.match, r.payload, coalesce(nullif(r.content_hash, '${DOUBTED}'), '${TOLD_AGAIN}') AS content_hash FROM findings f JOIN runs run ON run.id = ?1
    JOIN records r ON r.scope = run.scope AND r.key = f.key
  WHERE f.reconciliation_id = ?2 AND f.kind IN ('missing', 'changed') AND NOT r.has_unknown AND (r.content_hash IS NOT NULL
    OR (r.payload IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sightings s WHERE s.scope = r.scope AND s.key = r.key AND s.disposition = 'skipped'))) ORDER BY f.n`;

const INSERT = `
  INSERT INTO changes (run_id, segment, scope, key, kind, state, payload, source, content_hash, match, target_scope, target_id, observed_at, bytes, staged_at)
  VALUES (?, ?, ?, ?, ?, 'planned', ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** What is told is believed no more: else the claim would find it told already. */
const DOUBT = `UPDATE records SET content_hash = CASE WHEN ?1 THEN NULL ELSE '${DOUBTED}' END, target_id = CASE WHEN ?1 THEN NULL ELSE target_id END WHERE scope = ?2 AND key = ?3`;

type Input = Parameters<DriftStore['stageRepairs']>[0];

/** See `DriftStore.stageRepairs`. */
export function stageRepairs(database: Database, vault: Vault, { runId, reconciliationId, targetScope, kinds, isSealed, at }: Input): number {
  const known = findSideSegment(database, runId, 'repair');
  if (known !== undefined) return known;
  const now = Math.round(at);
  const segment = openSideSegment(database, runId, 'repair', now);
  const source = vault.write({}, isSealed);
  for (const row of database.all(FOUND, runId, reconciliationId)) {
    const isMissing = row['kind'] === 'missing';
    const [scope, key, payload] = [text(row, 'scope'), text(row, 'key'), optionalText(row, 'payload') ?? ''];
    const [hash, match] = [text(row, 'content_hash'), optionalText(row, 'match') ?? ''];
    const targetId = isMissing ? null : (optionalText(row, 'target_id') ?? null);
    database.run(DOUBT, Number(isMissing), scope, key);
    const kind = isMissing ? kinds.missing : kinds.changed;
    database.run(INSERT, runId, segment, scope, key, kind, payload, source, hash, match, targetScope, targetId, now, payload.length, now);
  }
  return segment;
}
