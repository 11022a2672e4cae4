import { text } from '../rows/row.ts';
import type { Database } from './database.ts';
import { lockScope } from './locks.ts';

const LANE = `SELECT scope, lane FROM runs WHERE id = $1 AND lane <> ''`;

/** What was seen later counts; and what an open run goes by stays as it is. */
const MOVE = `
  INSERT INTO sightings (scope, key, first_run, first_seen_at, last_run, last_segment, last_seen_at, disposition, reason, change_id)
  SELECT $1, key, first_run, first_seen_at, last_run, last_segment, last_seen_at, disposition, reason, change_id FROM sightings WHERE scope = $2 ORDER BY key
  ON CONFLICT (scope, key) DO UPDATE SET last_run = excluded.last_run, last_segment = excluded.last_segment, last_seen_at = excluded.last_seen_at,
    disposition = excluded.disposition, reason = excluded.reason, change_id = excluded.change_id
  WHERE excluded.last_seen_at >= sightings.last_seen_at AND NOT EXISTS (SELECT 1 FROM runs l WHERE l.id = sightings.last_run AND l.ended_at IS NULL)`;

/** What a closed run has seen in a lane of its own becomes what its scope has seen. Idempotent. */
export async function absorbSightings(database: Database, runId: string): Promise<void> {
  const run = await database.get(LANE, runId);
  if (run === undefined) return;
  const scope = text(run, 'scope');
  const lane = scope + text(run, 'lane');
  await database.write(async (session) => {
    await lockScope(session, scope);
    await session.run(MOVE, scope, lane);
    await session.run('DELETE FROM sightings WHERE scope = $1', lane);
  });
}
