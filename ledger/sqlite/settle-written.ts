import type { Counts } from '../rows/segment-row.ts';
import { createdOf, type SendingChange, type Written } from '../rows/sending-change.ts';
import type { Database } from './database.ts';

/** What the sync created is its own for as long as the target has it under the same id: another one, that others made meanwhile, is not. */
export const IS_CREATED =
  'is_created = CASE WHEN coalesce(excluded.target_id, target_id) IS target_id THEN max(is_created, excluded.is_created) ELSE excluded.is_created END';

/** `?1`: a list of [change id, created, target id]. */
const END = `
  UPDATE changes SET state = 'settled', outcome = 'written', settled_at = ?2, created = w.value ->> 1, target_id = coalesce(w.value ->> 2, target_id), source = NULL
  FROM json_each(?1) w WHERE changes.id = w.value ->> 0`;

/** From changes that have ended: what became of each is read from its row, which is quicker than from the list. `?1`: a list of change ids. */
const TELL = `
  INSERT INTO records (scope, key, target_scope, target_id, content_hash, told_by, match, payload, source_version, observed_at, last_outcome, is_created)
  SELECT c.scope, c.key, c.target_scope, c.target_id, c.content_hash, c.kind, c.match, c.payload, c.source_version, c.observed_at, 'written', coalesce(c.created, 0)
  FROM json_each(?1) w CROSS JOIN changes c ON c.id = w.value WHERE true
  ON CONFLICT DO UPDATE SET target_scope = excluded.target_scope, target_id = coalesce(excluded.target_id, target_id), content_hash = excluded.content_hash,
    told_by = excluded.told_by, match = excluded.match, payload = excluded.payload, source_version = excluded.source_version, observed_at = excluded.observed_at,
    last_outcome = 'written', has_unknown = 0, ${IS_CREATED}`;

/** Settles what was written and needs nothing else: the end of each change, and what the target has now. */
export function settleWritten(
  database: Database,
  written: readonly { readonly change: SendingChange; readonly outcome: Written }[],
  at: number,
  counts: Counts,
): void {
  if (written.length === 0) return;
  const rows = written.map(({ change, outcome }) => [change.id, createdOf(change, outcome) ?? null, outcome.targetId ?? null] as const);
  database.run(END, JSON.stringify(rows), at);
  database.run(TELL, JSON.stringify(rows.map(([id]) => id)));
  for (const [, created] of rows) counts.addWritten(created ?? undefined, 1);
}
