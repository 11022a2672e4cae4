import type { ChangeKind } from '../../engine/outcome.ts';
import type { ChangeStore } from '../ledger.ts';
import { readKind } from '../rows/claimed-change.ts';
import { number } from '../rows/row.ts';
import type { Session } from './session.ts';

const LEARN = `
  INSERT INTO batch_limits AS known (target_scope, kind, max_bytes, learned_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (target_scope, kind) DO UPDATE
    SET max_bytes = CASE WHEN known.learned_at < $5 THEN excluded.max_bytes ELSE least(known.max_bytes, excluded.max_bytes) END, learned_at = excluded.learned_at`;

/** See `ChangeStore.learnBatchLimit`. */
export async function learnBatchLimit(
  session: Session,
  { targetScope, kind, maxBytes, since, at }: Parameters<ChangeStore['learnBatchLimit']>[0],
): Promise<void> {
  await session.run(LEARN, targetScope, kind, Math.max(1, Math.floor(maxBytes)), Math.round(at), Math.round(since));
}

/** See `ChangeStore.readBatchLimits`. */
export async function readBatchLimits(session: Session, targetScope: string, since: number): Promise<Readonly<Partial<Record<ChangeKind, number>>>> {
  const rows = await session.all('SELECT kind, max_bytes FROM batch_limits WHERE target_scope = $1 AND learned_at >= $2', targetScope, Math.round(since));
  return Object.fromEntries(rows.map((row) => [readKind(row), number(row, 'max_bytes')]));
}
