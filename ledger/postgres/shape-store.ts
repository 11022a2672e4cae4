import { isDrift } from '../../engine/compare-shapes.ts';
import { acceptFindings } from '../../engine/expected-shape.ts';
import { mergeShapes, type Shape } from '../../engine/shape.ts';
import { text } from '../rows/row.ts';
import { openDrift, readFindings, readRunShape, readShape } from '../rows/shape-row.ts';
import type { ShapeStore } from '../shape-store.ts';
import type { Database } from './database.ts';
import { lockScope, lockScopeOfRun } from './locks.ts';
import type { Session } from './session.ts';

const KEPT_RUNS = 100;

const KEEP_SEGMENT = 'INSERT INTO segment_shapes (run_id, segment, body) VALUES ($1, $2, $3) ON CONFLICT (run_id, segment) DO UPDATE SET body = excluded.body';
const OF_SEGMENTS = 'SELECT body FROM segment_shapes WHERE run_id = $1 ORDER BY segment';
const KEEP_RUN = 'INSERT INTO shapes (run_id, scope, kept_at, body, findings) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING';
const EXPECT = `
  INSERT INTO expected_shapes (scope, source, body, kept_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (scope) DO UPDATE SET source = excluded.source, body = excluded.body, kept_at = excluded.kept_at`;
const LAST_TOLD = 'SELECT run_id, findings, accepted_at FROM shapes WHERE scope = $1 AND findings IS NOT NULL ORDER BY kept_at DESC, run_id DESC LIMIT 1';
const DRIFT = 'SELECT run_id, findings FROM shapes WHERE findings IS NOT NULL AND run_id = ANY($1::text[])';

/** Also what a run left that nobody ended. */
const FORGET_SEGMENTS = `
  DELETE FROM segment_shapes WHERE run_id IN (SELECT run_id FROM shapes WHERE scope = $1 UNION SELECT id FROM runs WHERE scope = $1 AND ended_at IS NOT NULL)`;
const FORGET_RUNS = 'DELETE FROM shapes WHERE run_id IN (SELECT run_id FROM shapes WHERE scope = $1 ORDER BY kept_at DESC, run_id DESC OFFSET $2)';

/** One for each segment: what was kept of it before is part of it. */
export async function keepSegmentShape(session: Session, runId: string, segment: number, shape: Shape): Promise<void> {
  await session.run(KEEP_SEGMENT, runId, segment, JSON.stringify(shape));
}

export function createShapeStore(database: Database): ShapeStore {
  return {
    readSegmentShape: async (runId, segment) => {
      const row = await database.get('SELECT body FROM segment_shapes WHERE run_id = $1 AND segment = $2', runId, segment);
      return row === undefined ? undefined : readShape(row);
    },
    readRunShape: async (runId) => {
      const row = await database.get('SELECT * FROM shapes WHERE run_id = $1', runId);
      if (row !== undefined) return readRunShape(row);
      const segments = (await database.all(OF_SEGMENTS, runId)).map(readShape);
      return segments.length === 0 ? undefined : { shape: mergeShapes(segments) };
    },
    readDrift: async (runIds) => {
      const found = (await database.all(DRIFT, runIds)).map((row) => [text(row, 'run_id'), (readFindings(row) ?? []).filter(isDrift)] as const);
      return new Map(found.filter(([, drift]) => drift.length > 0));
    },
    readExpectedShape: async (scope, source) => {
      const row = await database.get('SELECT body FROM expected_shapes WHERE scope = $1 AND source = $2', scope, source);
      return row === undefined ? undefined : readShape(row);
    },
    keepRunShape: ({ runId, findings, expected, at }) =>
      database.write(async (session) => {
        await lockScopeOfRun(session, runId);
        const segments = (await session.all(OF_SEGMENTS, runId)).map(readShape);
        const run = await session.get('SELECT scope FROM runs WHERE id = $1', runId);
        if (segments.length === 0 || run === undefined) return;
        const scope = text(run, 'scope');
        const told = findings === undefined ? null : JSON.stringify(findings);
        const kept = await session.run(KEEP_RUN, runId, scope, Math.round(at), JSON.stringify(mergeShapes(segments)), told);
        if (kept === 0) return;
        if (expected !== undefined) await session.run(EXPECT, scope, expected.source, JSON.stringify(expected.shape), Math.round(at));
        await session.run(FORGET_SEGMENTS, scope);
        await session.run(FORGET_RUNS, scope, KEPT_RUNS);
      }),
    readOpenDrift: async (scope) => openDrift(await database.get(LAST_TOLD, scope)),
    acceptDrift: (scope, at) =>
      database.write(async (session) => {
        await lockScope(session, scope);
        const row = await session.get(LAST_TOLD, scope);
        const findings = openDrift(row);
        const expected = await session.get('SELECT source, body FROM expected_shapes WHERE scope = $1', scope);
        if (row === undefined || findings.length === 0 || expected === undefined) return [];
        const accepted = acceptFindings(readShape(expected), findings);
        await session.run(EXPECT, scope, text(expected, 'source'), JSON.stringify(accepted), Math.round(at));
        await session.run('UPDATE shapes SET accepted_at = $2 WHERE run_id = $1', text(row, 'run_id'), Math.round(at));
        return findings;
      }),
  };
}
