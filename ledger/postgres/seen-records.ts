import { text } from '../rows/row.ts';
import { readSeenRecord, type SeenRecord } from '../rows/seen-record.ts';
import type { Session } from './session.ts';

const SEEN = `
  SELECT s.key, s.last_run = $2 AS is_of_this_run, s.disposition, s.reason, c.id, c.state, c.content_hash, c.outcome, c.created, c.source_version, c.observed_at,
    r.last_outcome, r.rejected_hash, r.content_hash AS told_hash
  FROM sightings s
    LEFT JOIN LATERAL (SELECT * FROM changes WHERE id = s.change_id AND s.last_run = $2 OFFSET 0) c ON true
    LEFT JOIN LATERAL (SELECT * FROM records WHERE scope = $4 AND key = s.key OFFSET 0) r ON true
  WHERE s.scope = $1 AND s.key = ANY($3::text[])`;

/** Whose reading it is. */
export interface Reader {
  readonly scope: string;
  readonly lane: string;
  readonly runId: string;
}

/** One statement for a page's keys. */
export async function readSeen(session: Session, { scope, lane, runId }: Reader, keys: readonly string[]): Promise<Map<string, SeenRecord>> {
  if (keys.length === 0) return new Map();
  return new Map((await session.all(SEEN, scope + lane, runId, keys, scope)).map((row) => [text(row, 'key'), readSeenRecord(row)]));
}
