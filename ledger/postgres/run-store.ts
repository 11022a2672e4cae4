import { SyncError } from '../../engine/errors.ts';
import type { Run, RunStore } from '../ledger.ts';
import { readSuccess } from '../rows/run-row.ts';
import { absorbSightings } from './absorb-sightings.ts';
import { endWork } from './batches.ts';
import { createCursorStore } from './cursor-store.ts';
import type { Database } from './database.ts';
import { deriveTotals } from './derive-totals.ts';
import { lockScopeOfRun } from './locks.ts';
import { openRun, requestRun } from './open-run.ts';
import { readRun } from './run-row.ts';
import { addCost } from './segment-row.ts';
import type { Session, Value } from './session.ts';

const OUTSIDE_SEGMENTS = -1;

const OPEN_WINDOWS = `SELECT * FROM runs WHERE scope = $1 AND lane <> '' AND state IN ('running', 'paused') ORDER BY requested_at, id`;

const SUCCESS = `
  SELECT
    max(CASE WHEN state IN ('completed', 'completed-with-rejections') AND trigger IN ('manual', 'schedule', 'graph') THEN ended_at END) AS last_good_at,
    min(requested_at) AS first_at
  FROM runs WHERE scope = $1 AND lane = ''`;

const CLOSE = `
  UPDATE runs SET state = $2, phase = 'done', ended_at = $3, totals = $4, failure = coalesce($5, failure), waits = '{}' WHERE id = $1 AND ended_at IS NULL`;

export function createRunStore(database: Database): RunStore {
  const update = async (sql: string, ...values: readonly Value[]) => void (await database.write((session) => session.run(sql, ...values)));

  return {
    ...createCursorStore(database),
    requestRun: (run) => database.write((session) => requestRun(session, run)),
    openRun: (input) =>
      database.write(async (session) => {
        await openRun(session, input);
        return mustFind(session, input.id);
      }),
    readRun: (id) => find(database, id),
    findRuns: (scopePrefix, idPrefix) => {
      const [prefix, limit] = idPrefix === 'last' ? ['', 1] : [idPrefix, 10];
      return list(database, 'starts_with(scope, $2) AND starts_with(id, $3)', limit, scopePrefix, prefix);
    },
    listRuns: (scopePrefix, limit, which = 'all') =>
      list(database, `${scopePrefix.endsWith('/') ? 'starts_with(scope, $2)' : 'scope = $2'}${which === 'live' ? ` AND lane = ''` : ''}`, limit, scopePrefix),
    readSuccess: async (scope) => readSuccess((await database.get(SUCCESS, scope)) ?? {}),
    listOpenWindows: async (scope) => {
      const rows = await database.all(OPEN_WINDOWS, scope);
      return Promise.all(rows.map((row) => readRun(database, row)));
    },
    setPhase: (runId, phase) => update('UPDATE runs SET phase = $2 WHERE id = $1 AND ended_at IS NULL', runId, phase),
    adjustRun: (runId, control) =>
      database.write(async (session) => {
        await mergeJson(session, 'control', runId, control);
        const run = await mustFind(session, runId);
        const state = run.control.paused ? 'paused' : 'running';
        await session.run(`UPDATE runs SET state = $2 WHERE id = $1 AND state IN ('running', 'paused')`, runId, state);
        return run.control;
      }),
    setWait: async (runId, side, wait) => void (await database.writeLazily((session) => mergeJson(session, 'waits', runId, { [side]: wait }))),
    noteFailure: async (runId, failure) =>
      void (await database.write((session) => session.run('UPDATE runs SET failure = $2 WHERE id = $1 AND ended_at IS NULL', runId, JSON.stringify(failure)))),
    setReadStart: (runId, at) => update('UPDATE runs SET read_started_at = coalesce(read_started_at, $2) WHERE id = $1', runId, Math.round(at)),
    addRunCost: (runId, cost) =>
      database.writeLazily(async (session) => {
        await session.run(
          `INSERT INTO segments (run_id, idx, state, opened_at) VALUES ($1, $2, 'complete', 0) ON CONFLICT DO NOTHING`,
          runId,
          OUTSIDE_SEGMENTS,
        );
        await addCost(session, runId, OUTSIDE_SEGMENTS, cost);
      }),
    setExpected: (runId, expected) => update('UPDATE runs SET expected = $2 WHERE id = $1', runId, expected),
    deriveTotals: async (runId) => deriveTotals(database, await mustFind(database, runId)),
    closeRun: async (runId, end) => {
      await database.write(async (session) => {
        await lockScopeOfRun(session, runId);
        const at = Math.round(end.at);
        const failure = end.failure === undefined ? null : JSON.stringify(end.failure);
        const closed = await session.run(CLOSE, runId, end.state, at, JSON.stringify(end.totals), failure);
        if (closed > 0) await endWork(session, runId, at);
      });
      await absorbSightings(database, runId);
    },
  };
}

async function find(session: Session, id: string): Promise<Run | undefined> {
  const row = await session.get('SELECT * FROM runs WHERE id = $1', id);
  return row === undefined ? undefined : readRun(session, row);
}

async function mustFind(session: Session, id: string): Promise<Run> {
  const run = await find(session, id);
  if (run === undefined) throw new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message: `The ledger does not know run ${id}.` });
  return run;
}

async function list(database: Database, where: string, limit: number, ...values: readonly string[]): Promise<readonly Run[]> {
  const rows = await database.all(`SELECT * FROM runs WHERE ${where} ORDER BY requested_at DESC, id DESC LIMIT $1`, limit, ...values);
  return Promise.all(rows.map((row) => readRun(database, row)));
}

/** A null takes its name away. */
async function mergeJson(session: Session, column: 'control' | 'waits', runId: string, patch: object): Promise<void> {
  const sql = `UPDATE runs SET ${column} = jsonb_strip_nulls(${column}::jsonb || $2::jsonb) WHERE id = $1 AND ended_at IS NULL`;
  await session.run(sql, runId, JSON.stringify(patch));
}
