import { text } from '../rows/row.ts';
import { readSeenRecord, type SeenRecord } from '../rows/seen-record.ts';
import type { Database } from './database.ts';

const SEEN = `
  SELECT s.key, s.last_run = ?2 AS is_of_this_run, s.disposition, s.reason, c.id, c.state, c.content_hash, c.outcome, c.created, c.source_version, c.observed_at,
    r.last_outcome, r.rejected_hash, r.content_hash AS told_hash
  FROM json_each(?3) k CROSS JOIN sightings s ON s.scope = ?1 AND s.key = k.value
    LEFT JOIN changes c ON c.id = s.change_id AND s.last_run = ?2
    LEFT JOIN records r ON r.scope = ?4 AND r.key = s.key`;

/** Whose reading it is. */
export interface Reader {
  readonly scope: string;
  readonly lane: string;
  readonly runId: string;
}

/** One statement for a page's keys. */
export function readSeen(database: Database, { scope, lane, runId }: Reader, keys: readonly string[]): Map<string, SeenRecord> {
  return new Map(database.all(SEEN, scope + lane, runId, JSON.stringify(keys), scope).map((row) => [text(row, 'key'), readSeenRecord(row)]));
}
