import { text } from '../rows/row.ts';
import {
  latestBySegment,
  NO_TIMELINE,
  readRead,
  readRequests,
  readSettled,
  readSlow,
  readTakenOver,
  readTimelineSegment,
  TAKEN,
  TIMELINE_OUTCOME,
} from '../rows/timeline-row.ts';
import type { TimelineStore } from '../timeline-store.ts';
import type { Database } from './database.ts';

/** A driver's number is a fraction to SQLite, whatever it is. */
const slotOf = (time: string) => `max(0, CAST((${time} - ?2) / ?3 AS INTEGER))`;

/** Changes are looked through in their order: by an index of keys each would be a jump. A change tells when its record was read, also where a later run has met that again. */
const READ = `
  SELECT slot, sum(records) AS records FROM (
    SELECT ${slotOf('last_seen_at')} AS slot, count(*) AS records FROM sightings WHERE scope = ?1 AND last_run = ?4 AND change_id IS NULL GROUP BY 1
    UNION ALL
    SELECT ${slotOf('staged_at')}, count(*) FROM changes NOT INDEXED WHERE run_id = ?4 AND content_hash NOT IN (${TAKEN}) GROUP BY 1
  ) GROUP BY 1 ORDER BY 1`;

/** As the books are closed: by the change of a record, and where it needed none by what its reading decided. */
const SETTLED = `
  SELECT slot, outcome, sum(records) AS records FROM (
    SELECT ${slotOf('last_seen_at')} AS slot, disposition AS outcome, count(*) AS records
    FROM sightings WHERE scope = ?1 AND last_run = ?4 AND change_id IS NULL GROUP BY 1, 2
    UNION ALL
    SELECT ${slotOf('c.settled_at')}, ${TIMELINE_OUTCOME}, count(*) FROM changes c NOT INDEXED
    WHERE c.run_id = ?4 AND c.state = 'settled' AND c.settled_at IS NOT NULL GROUP BY 1, 2
  ) GROUP BY 1, 2 ORDER BY 1, 2`;

const REQUESTS = `
  SELECT ${slotOf('a.sent_at')} AS slot, a.status, max(0, a.answered_at - a.sent_at) AS duration, count(*) AS requests
  FROM batches b JOIN attempts a ON a.batch_id = b.id WHERE b.run_id = ?1 GROUP BY 1, 2, 3 ORDER BY 1, 2 NULLS LAST, 3`;

const TAKEN_OVER = `SELECT ${slotOf('taken_over_at')} AS slot, count(*) AS batches FROM batches WHERE run_id = ?1 AND taken_over_at IS NOT NULL GROUP BY 1 ORDER BY 1`;

const SLOWEST = `
  SELECT a.sent_at, max(0, a.answered_at - a.sent_at) AS duration, a.status, a.method, a.path, b.kind, b.segment, b.size
  FROM batches b JOIN attempts a ON a.batch_id = b.id WHERE b.run_id = ?1 AND a.answered_at IS NOT NULL ORDER BY 2 DESC, 1 LIMIT ?2`;

const READ_UNTIL = `
  SELECT last_segment AS segment, max(last_seen_at) AS at FROM sightings WHERE scope = ?1 AND last_run = ?2 GROUP BY 1
  UNION ALL SELECT segment, max(staged_at) FROM changes NOT INDEXED WHERE run_id = ?2 GROUP BY 1`;

const SEGMENTS = `
  SELECT s.idx, s.state, s.is_sweep, s.opened_at, s.pages, s.records, w.sent_from, w.answered_until
  FROM segments s LEFT JOIN (
    SELECT b.segment, min(a.sent_at) AS sent_from, max(coalesce(a.answered_at, a.sent_at)) AS answered_until
    FROM batches b JOIN attempts a ON a.batch_id = b.id WHERE b.run_id = ?1 GROUP BY 1) w ON w.segment = s.idx
  WHERE s.run_id = ?1 AND s.idx >= 0 ORDER BY s.idx`;

export function createTimelineStore(database: Database): TimelineStore {
  return {
    readTimeline: (runId, { from, stepMs, slowest }) =>
      database.read(() => {
        const run = database.get('SELECT scope, lane FROM runs WHERE id = ?', runId);
        if (run === undefined) return NO_TIMELINE;
        const seen = text(run, 'scope') + text(run, 'lane');
        const readUntil = latestBySegment(database.all(READ_UNTIL, seen, runId));
        return {
          read: database.all(READ, seen, from, stepMs, runId).map(readRead),
          settled: database.all(SETTLED, seen, from, stepMs, runId).map(readSettled),
          requests: database.all(REQUESTS, runId, from, stepMs).map(readRequests),
          takenOver: database.all(TAKEN_OVER, runId, from, stepMs).map(readTakenOver),
          slowest: database.all(SLOWEST, runId, slowest).map(readSlow),
          segments: database.all(SEGMENTS, runId).map((row) => readTimelineSegment(row, readUntil)),
        };
      }),
  };
}
