import { isDrift } from '../../engine/compare-shapes.ts';
import { acceptFindings } from '../../engine/expected-shape.ts';
import { mergeShapes, type Shape } from '../../engine/shape.ts';
import { text } from '../rows/row.ts';
import { openDrift, readFindings, readRunShape, readShape } from '../rows/shape-row.ts';
import type { RunShape, ShapeStore } from '../shape-store.ts';
import type { Database } from './database.ts';

const EXPECT =
  'INSERT INTO expected_shapes (scope, source, body, kept_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET source = ?2, body = ?3, kept_at = ?4';
const LAST_TOLD = 'SELECT run_id, findings, accepted_at FROM shapes WHERE scope = ? AND findings IS NOT NULL ORDER BY kept_at DESC, run_id DESC LIMIT 1';
const KEPT_RUNS = 100;

/** One for each segment: what was kept of it before is part of it. */
export function keepSegmentShape(database: Database, runId: string, segment: number, shape: Shape): void {
  const sql = 'INSERT INTO segment_shapes (run_id, segment, body) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET body = ?3';
  database.run(sql, runId, segment, JSON.stringify(shape));
}

export function createShapeStore(database: Database): ShapeStore {
  const ofSegments = (runId: string) => database.all('SELECT body FROM segment_shapes WHERE run_id = ? ORDER BY segment', runId).map(readShape);

  return {
    readSegmentShape: (runId, segment) =>
      database.read(() => {
        const row = database.get('SELECT body FROM segment_shapes WHERE run_id = ? AND segment = ?', runId, segment);
        return row === undefined ? undefined : readShape(row);
      }),
    readRunShape: (runId) =>
      database.read((): RunShape | undefined => {
        const row = database.get('SELECT * FROM shapes WHERE run_id = ?', runId);
        if (row !== undefined) return readRunShape(row);
        const segments = ofSegments(runId);
        return segments.length === 0 ? undefined : { shape: mergeShapes(segments) };
      }),
    readDrift: (runIds) =>
      database.read(() => {
        const sql = 'SELECT run_id, findings FROM shapes WHERE findings IS NOT NULL AND run_id IN (SELECT value FROM json_each(?))';
        const found = database.all(sql, JSON.stringify(runIds)).map((row) => [text(row, 'run_id'), (readFindings(row) ?? []).filter(isDrift)] as const);
        return new Map(found.filter(([, drift]) => drift.length > 0));
      }),
    readExpectedShape: (scope, source) =>
      database.read(() => {
        const row = database.get('SELECT body FROM expected_shapes WHERE scope = ? AND source = ?', scope, source);
        return row === undefined ? undefined : readShape(row);
      }),
    keepRunShape: ({ runId, findings, expected, at }) =>
      database.write(() => {
        const segments = ofSegments(runId);
        const run = database.get('SELECT scope FROM runs WHERE id = ?', runId);
        // They are dropped with what is kept of them as one: a second call finds none.
        if (segments.length === 0 || run === undefined) return;
        const scope = text(run, 'scope');
        const sql = 'INSERT INTO shapes (run_id, scope, kept_at, body, findings) VALUES (?, ?, ?, ?, ?)';
        const body = JSON.stringify(mergeShapes(segments));
        database.run(sql, runId, scope, Math.round(at), body, findings === undefined ? null : JSON.stringify(findings));
        if (expected !== undefined) database.run(EXPECT, scope, expected.source, JSON.stringify(expected.shape), Math.round(at));
        forgetOld(database, scope);
      }),
    readOpenDrift: (scope) => database.read(() => openDrift(database.get(LAST_TOLD, scope))),
    acceptDrift: (scope, at) =>
      database.write(() => {
        const row = database.get(LAST_TOLD, scope);
        const findings = openDrift(row);
        const expected = database.get('SELECT source, body FROM expected_shapes WHERE scope = ?', scope);
        if (row === undefined || findings.length === 0 || expected === undefined) return [];
        const accepted = acceptFindings(readShape(expected), findings);
        database.run(EXPECT, scope, text(expected, 'source'), JSON.stringify(accepted), Math.round(at));
        database.run('UPDATE shapes SET accepted_at = ? WHERE run_id = ?', Math.round(at), text(row, 'run_id'));
        return findings;
      }),
  };
}

/** Also what a run left that nobody ended. */
function forgetOld(database: Database, scope: string): void {
  database.run('DELETE FROM segment_shapes WHERE run_id IN (SELECT run_id FROM shapes WHERE scope = ?)', scope);
  database.run('DELETE FROM segment_shapes WHERE run_id IN (SELECT id FROM runs WHERE scope = ? AND ended_at IS NOT NULL)', scope);
  const old = 'SELECT run_id FROM shapes WHERE scope = ? ORDER BY kept_at DESC, run_id DESC LIMIT -1 OFFSET ?';
  database.run(`DELETE FROM shapes WHERE run_id IN (${old})`, scope, KEPT_RUNS);
}
