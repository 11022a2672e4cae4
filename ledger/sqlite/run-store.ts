import { SyncError } from '../../engine/errors.ts';
import type { RunControl } from '../../engine/run.ts';
import type { Run, RunStore } from '../ledger.ts';
import { laneOf, readSuccess } from '../rows/run-row.ts';
import { absorbSightings } from './absorb-sightings.ts';
import { endWork } from './batches.ts';
import { createCursorStore } from './cursor-store.ts';
import type { Database } from './database.ts';
import { deriveTotals } from './derive-totals.ts';
import { openRun } from './open-run.ts';
import { readRun } from './run-row.ts';
import { addCost } from './segment-row.ts';

const OUTSIDE_SEGMENTS = -1;

const SUCCESS = `
  SELECT
    max(CASE WHEN state IN ('completed', 'completed-with-rejections') AND trigger IN ('manual', 'schedule', 'graph') THEN ended_at END) AS last_good_at, min(requested_at) AS first_at
  FROM runs WHERE scope = ? AND lane = ''`;
const OPEN_WINDOWS = `SELECT * FROM runs WHERE scope = ? AND lane <> '' AND state IN ('running', 'paused') ORDER BY requested_at, id`;

export function createRunStore(database: Database): RunStore {
  const find = (id: string): Run | undefined => {
    const row = database.get('SELECT * FROM runs WHERE id = ?', id);
    return row === undefined ? undefined : readRun(database, row);
  };
  const mustFind = (id: string): Run => {
    const run = find(id);
    if (run === undefined) throw new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message: `The ledger does not know run ${id}.` });
    return run;
  };
  const mergeJson = (column: 'control' | 'waits', runId: string, patch: object) =>
    database.run(`UPDATE runs SET ${column} = json_patch(${column}, ?) WHERE id = ? AND ended_at IS NULL`, JSON.stringify(patch), runId);
  const update = (sql: string, ...values: (string | number)[]) => database.writeLazily(() => void database.run(sql, ...values));

  return {
    ...createCursorStore(database),
    requestRun: (run) =>
      database.write(() => {
        database.run(
          `INSERT INTO runs (id, scope, lane, trigger, options, state, phase, requested_at) VALUES (?, ?, ?, ?, ?, 'requested', 'planning', ?) ON CONFLICT DO NOTHING`,
          run.id,
          run.scope,
          laneOf(run),
          run.trigger,
          JSON.stringify(run.options),
          Math.round(run.at),
        );
      }),
    openRun: (input) =>
      database.write(() => {
        openRun(database, input);
        return mustFind(input.id);
      }),
    readRun: (id) => database.read(() => find(id)),
    findRuns: (scopePrefix, idPrefix) =>
      database.read(() => {
        const [prefix, limit] = idPrefix === 'last' ? ['', 1] : [idPrefix, 10];
        // Not LIKE, to which `_` in `r_…` is any character.
        const sql = `SELECT * FROM runs WHERE substr(scope, 1, length(?1)) = ?1 AND substr(id, 1, length(?2)) = ?2 ORDER BY requested_at DESC, id DESC LIMIT ?3`;
        return database.all(sql, scopePrefix, prefix, limit).map((row) => readRun(database, row));
      }),
    listRuns: (scopePrefix, limit, which = 'all') =>
      database.read(() => {
        const where = `${scopePrefix.endsWith('/') ? 'substr(scope, 1, length(?1)) = ?1' : 'scope = ?1'}${which === 'live' ? ` AND lane = ''` : ''}`;
        const sql = `SELECT * FROM runs WHERE ${where} ORDER BY requested_at DESC, id DESC LIMIT ?2`;
        return database.all(sql, scopePrefix, limit).map((row) => readRun(database, row));
      }),
    readSuccess: (scope) => database.read(() => readSuccess(database.get(SUCCESS, scope) ?? {})),
    listOpenWindows: (scope) => database.read(() => database.all(OPEN_WINDOWS, scope).map((row) => readRun(database, row))),
    setPhase: (runId, phase) => update('UPDATE runs SET phase = ? WHERE id = ? AND ended_at IS NULL', phase, runId),
    adjustRun: (runId, control) =>
      database.write((): RunControl => {
        mergeJson('control', runId, control);
        const run = mustFind(runId);
        const state = run.control.paused ? 'paused' : 'running';
        database.run(`UPDATE runs SET state = ? WHERE id = ? AND state IN ('running', 'paused')`, state, runId);
        return run.control;
      }),
    setWait: (runId, side, wait) => database.writeLazily(() => void mergeJson('waits', runId, { [side]: wait })),
    noteFailure: (runId, failure) =>
      database.write(() => void database.run('UPDATE runs SET failure = ? WHERE id = ? AND ended_at IS NULL', JSON.stringify(failure), runId)),
    setReadStart: (runId, at) => update('UPDATE runs SET read_started_at = coalesce(read_started_at, ?) WHERE id = ?', Math.round(at), runId),
    addRunCost: (runId, cost) =>
      database.writeLazily(() => {
        database.run(`INSERT INTO segments (run_id, idx, state, opened_at) VALUES (?, ?, 'complete', 0) ON CONFLICT DO NOTHING`, runId, OUTSIDE_SEGMENTS);
        addCost(database, runId, OUTSIDE_SEGMENTS, cost);
      }),
    setExpected: (runId, expected) => update('UPDATE runs SET expected = ? WHERE id = ?', expected, runId),
    deriveTotals: (runId) => deriveTotals(database, () => mustFind(runId)),
    closeRun: async (runId, end) => {
      await database.write(() => {
        const at = Math.round(end.at);
        const failure = end.failure === undefined ? null : JSON.stringify(end.failure);
        const sql = `UPDATE runs SET state = ?, phase = 'done', ended_at = ?, totals = ?, failure = coalesce(?, failure), waits = '{}' WHERE id = ? AND ended_at IS NULL`;
        if (database.run(sql, end.state, at, JSON.stringify(end.totals), failure, runId) > 0) endWork(database, runId, at);
      });
      await absorbSightings(database, runId);
    },
  };
}
