import type { DriftStore } from '../drift-store.ts';
import { number, optionalText, text } from '../rows/row.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';

/** In `segments.is_sweep`: neither read nor swept, but written again. */
const REPAIR = 2;

const FOUND = `
  SELECT f.kind, r.scope, r.key, r.target_id, r.match, r.payload, r.content_hash FROM findings f JOIN runs run ON run.id = ?1
    JOIN records r ON r.scope = run.scope AND r.key = f.key
  WHERE f.reconciliation_id = ?2 AND f.kind IN ('missing', 'changed') AND r.content_hash IS NOT NULL AND NOT r.has_unknown ORDER BY f.n`;

const OPEN = `
  INSERT INTO segments (run_id, idx, state, is_last, max_cursor_value, opened_at, is_sweep)
  SELECT run_id, idx + 1, 'complete', 1, max_cursor_value, ?2, ${REPAIR} FROM segments WHERE run_id = ?1 ORDER BY idx DESC LIMIT 1 RETURNING idx`;

const INSERT = `
  INSERT INTO changes (run_id, segment, scope, key, kind, state, payload, source, content_hash, match, target_scope, target_id, observed_at, bytes, staged_at)
  VALUES (?, ?, ?, ?, ?, 'planned', ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** What is told is believed no more: else the claim would find it told already. */
const DOUBT = `UPDATE records SET content_hash = CASE WHEN ?1 THEN NULL ELSE 'doubted' END, target_id = CASE WHEN ?1 THEN NULL ELSE target_id END WHERE scope = ?2 AND key = ?3`;

type Input = Parameters<DriftStore['stageRepairs']>[0];

/** See `DriftStore.stageRepairs`. */
export function stageRepairs(database: Database, vault: Vault, { runId, reconciliationId, targetScope, kinds, isSealed, at }: Input): number {
  const known = database.get('SELECT idx FROM segments WHERE run_id = ? AND is_sweep = ?', runId, REPAIR);
  if (known !== undefined) return number(known, 'idx');
  const now = Math.round(at);
  const segment = number(database.get(OPEN, runId, now) ?? {}, 'idx');
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
