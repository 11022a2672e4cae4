import type { Counts } from '../rows/segment-row.ts';
import { createdOf, type Written } from '../rows/sending-change.ts';
import { CHANGES_IN_RANGE, LISTED_CHANGES, rangeOf } from './change-ids.ts';
import type { Database } from './database.ts';
import { CLEARED } from './refusals.ts';

/** What the sync created is its own for as long as the target has it under the same id: another one, that others made meanwhile, is not. */
export const IS_CREATED =
  'is_created = CASE WHEN coalesce(excluded.target_id, target_id) IS target_id THEN max(is_created, excluded.is_created) ELSE excluded.is_created END';

const end = (created: string, targetId: string, id: string) => `
  UPDATE changes SET state = 'settled', outcome = 'written', settled_at = ?2, created = ${created}, target_id = coalesce(${targetId}, target_id), source = NULL
  FROM json_each(?1) w WHERE changes.id = ${id}`;
/** `?1`: a list of [change id, created, target id]. */
const END = end('w.value ->> 1', 'w.value ->> 2', 'w.value ->> 0');
/** `?1`: target ids alone, of changes that lie side by side from `?3` on, all of them created, or none. */
const END_RANGE = end('?4', 'w.value', '?3 + w.key');

/** From changes that have ended: what became of each is read from its row, which is quicker than from the list. What is written is no longer refused. */
const tell = (which: string) => `
  INSERT INTO records (scope, key, target_scope, target_id, content_hash, told_by, match, payload, source_version, observed_at, last_outcome, is_created)
  SELECT c.scope, c.key, c.target_scope, c.target_id, c.content_hash, c.kind, c.match, c.payload, c.source_version, c.observed_at, 'written', coalesce(c.created, 0)
  FROM ${which}
  ON CONFLICT DO UPDATE SET target_scope = excluded.target_scope, target_id = coalesce(excluded.target_id, target_id), content_hash = excluded.content_hash,
    told_by = excluded.told_by, match = excluded.match, payload = excluded.payload, source_version = excluded.source_version, observed_at = excluded.observed_at,
    last_outcome = 'written', has_unknown = 0, ${CLEARED}, ${IS_CREATED}`;
const TELL = tell(LISTED_CHANGES);
const TELL_RANGE = tell(CHANGES_IN_RANGE);

export interface WrittenChange {
  /** The target was told of its record before. */
  readonly wasTold: boolean;
  readonly outcome: Written;
}

/** Settles what was written and needs nothing else: the end of each change, and what the target has now. */
export function settleWritten(database: Database, written: readonly WrittenChange[], at: number, counts: Counts): void {
  if (written.length === 0) return;
  const rows = written.map(({ wasTold, outcome }) => [outcome.changeId, createdOf(wasTold, outcome) ?? null, outcome.targetId ?? null] as const);
  const ids = rows.map(([id]) => id);
  const range = rangeOf(ids);
  endWritten(database, rows, at, range);
  if (range === undefined) database.run(TELL, JSON.stringify(ids));
  else database.run(TELL_RANGE, ...range);
  for (const [, created] of rows) counts.addWritten(created ?? undefined, 1);
}

type Row = readonly [id: number, created: number | null, targetId: string | null];

function endWritten(database: Database, rows: readonly Row[], at: number, range: ReturnType<typeof rangeOf>): void {
  const [, created = null] = rows[0] ?? [];
  const isAlike = rows.every((row) => row[1] === created);
  if (range === undefined || !isAlike) database.run(END, JSON.stringify(rows), at);
  else database.run(END_RANGE, JSON.stringify(rows.map(([, , targetId]) => targetId)), at, range[0], created);
}
