import { optionalText, text } from '../rows/row.ts';
import type { Database } from './database.ts';

/** Moved at a time: a window may hold many, and other work of this process should not wait for all of them. */
const CHUNK = 20_000;

const LANE = `SELECT scope, lane FROM runs WHERE id = ? AND lane <> ''`;

const CHUNK_END = 'SELECT key FROM sightings WHERE scope = ? ORDER BY key LIMIT 1 OFFSET ?';

/** What was seen later counts; and what an open run goes by stays as it is. */
const MOVE = `
  INSERT INTO sightings (scope, key, first_run, first_seen_at, last_run, last_segment, last_seen_at, disposition, reason, change_id)
  SELECT ?1, key, first_run, first_seen_at, last_run, last_segment, last_seen_at, disposition, reason, change_id FROM sightings WHERE scope = ?2 AND (?3 IS NULL OR key <= ?3)
  ON CONFLICT DO UPDATE SET last_run = excluded.last_run, last_segment = excluded.last_segment, last_seen_at = excluded.last_seen_at, disposition = excluded.disposition,
    reason = excluded.reason, change_id = excluded.change_id
  WHERE excluded.last_seen_at >= sightings.last_seen_at AND NOT EXISTS (SELECT 1 FROM runs l WHERE l.id = sightings.last_run AND l.ended_at IS NULL)`;

/** What a closed run has seen in a lane of its own becomes what its scope has seen. Idempotent. */
export async function absorbSightings(database: Database, runId: string): Promise<void> {
  const run = await database.read(() => database.get(LANE, runId));
  if (run === undefined) return;
  const scope = text(run, 'scope');
  const lane = scope + text(run, 'lane');
  for (let isMore = true; isMore; ) {
    isMore = await database.write(() => {
      const end = optionalText(database.get(CHUNK_END, lane, CHUNK) ?? {}, 'key');
      database.run(MOVE, scope, lane, end ?? null);
      database.run('DELETE FROM sightings WHERE scope = ?1 AND (?2 IS NULL OR key <= ?2)', lane, end ?? null);
      return end !== undefined;
    });
  }
}
