import type { Counts } from '../rows/segment-row.ts';
import { createdOf, type SendingChange, type Written } from '../rows/sending-change.ts';
import type { Database } from './database.ts';

/** `?1`: a list of [change id, created, target id]. */
const WRITTEN = `json_each(?1) w JOIN changes c ON c.id = w.value ->> 0`;

/** What the sync created is its own for as long as the target has it under the same id: another one, that others made meanwhile, is not. */
export const IS_CREATED =
  'is_created = CASE WHEN coalesce(excluded.target_id, target_id) IS target_id THEN max(is_created, excluded.is_created) ELSE excluded.is_created END';

const TELL = `
  INSERT INTO records (scope, key, target_scope, target_id, content_hash, told_by, match, payload, source_version, observed_at, last_outcome, is_created)
  SELECT c.scope, c.key, c.target_scope, coalesce(w.value ->> 2, c.target_id), c.content_hash, c.kind, c.match, c.payload, c.source_version, c.observed_at, 'written',
    coalesce(w.value ->> 1, 0) FROM ${WRITTEN} WHERE true
  ON CONFLICT DO UPDATE SET target_scope = excluded.target_scope, target_id = coalesce(excluded.target_id, target_id), content_hash = excluded.content_hash,
    told_by = excluded.told_by, match = excluded.match, payload = excluded.payload, source_version = excluded.source_version, observed_at = excluded.observed_at,
    last_outcome = 'written', has_unknown = 0, ${IS_CREATED}`;

const END = `
  UPDATE changes SET state = 'settled', outcome = 'written', settled_at = ?2, created = w.value ->> 1, target_id = coalesce(w.value ->> 2, target_id), source = NULL
  FROM json_each(?1) w WHERE changes.id = w.value ->> 0`;

/** Settles what was written and needs nothing else: what the target has now, and the end of each change. */
export function settleWritten(
  database: Database,
  written: readonly { readonly change: SendingChange; readonly outcome: Written }[],
  at: number,
  counts: Counts,
): void {
  if (written.length === 0) return;
  const rows = written.map(({ change, outcome }) => [change.id, createdOf(change, outcome) ?? null, outcome.targetId ?? null] as const);
  const list = JSON.stringify(rows);
  database.run(TELL, list);
  database.run(END, list, at);
  for (const [, created] of rows) counts.addWritten(created ?? undefined, 1);
}
