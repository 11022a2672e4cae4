import type { ChangeKind } from '../../engine/outcome.ts';
import type { ChangeStore } from '../ledger.ts';
import { readKind } from '../rows/claimed-change.ts';
import { number } from '../rows/row.ts';
import type { Database } from './database.ts';

/** See `ChangeStore.learnBatchLimit`. */
export function learnBatchLimit(database: Database, { targetScope, kind, maxBytes, since, at }: Parameters<ChangeStore['learnBatchLimit']>[0]): void {
  const sql = `INSERT INTO batch_limits (target_scope, kind, max_bytes, learned_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT DO UPDATE SET max_bytes = CASE WHEN learned_at < ?5 THEN excluded.max_bytes ELSE min(max_bytes, excluded.max_bytes) END, learned_at = excluded.learned_at`;
  database.run(sql, targetScope, kind, Math.max(1, Math.floor(maxBytes)), Math.round(at), Math.round(since));
}

/** See `ChangeStore.readBatchLimits`. */
export function readBatchLimits(database: Database, targetScope: string, since: number): Readonly<Partial<Record<ChangeKind, number>>> {
  const rows = database.all('SELECT kind, max_bytes FROM batch_limits WHERE target_scope = ? AND learned_at >= ?', targetScope, Math.round(since));
  return Object.fromEntries(rows.map((row) => [readKind(row), number(row, 'max_bytes')]));
}
