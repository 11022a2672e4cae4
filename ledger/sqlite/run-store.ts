import { SyncError } from '../../engine/errors.ts';
import { OUTCOMES, type RunTotals } from '../../engine/outcome.ts';
import type { RunControl } from '../../engine/run.ts';
import type { OpenRunInput, Run, RunStore } from '../ledger.ts';
import type { Database } from './database.ts';
import { defined, json, number, optionalNumber, optionalText, text } from './row.ts';
import { liveTotals, readRunRow } from './run-row.ts';
import { addCost } from './segment-row.ts';

const OUTSIDE_SEGMENTS = -1;

export function createRunStore(database: Database): RunStore {
  const find = (id: string): Run | undefined => {
    const row = database.get('SELECT * FROM runs WHERE id = ?', id);
    return row === undefined ? undefined : readRunRow(database, row);
  };
  const mustFind = (id: string): Run => {
    const run = find(id);
    if (run === undefined) throw new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message: `The ledger does not know run ${id}.` });
    return run;
  };
  const mergeJson = (column: 'control' | 'waits', runId: string, patch: object) =>
    database.run(`UPDATE runs SET ${column} = json_patch(${column}, ?) WHERE id = ?`, JSON.stringify(patch), runId);

  return {
    requestRun: (run) =>
      database.write(() => {
        database.run(
          `INSERT INTO runs (id, scope, trigger, options, state, phase, requested_at) VALUES (?, ?, ?, ?, 'requested', 'planning', ?) ON CONFLICT DO NOTHING`,
          run.id,
          run.scope,
          run.trigger,
          JSON.stringify(run.options),
          run.at,
        );
      }),
    openRun: (input) => database.write(() => openRun(database, input, mustFind)),
    readRun: (id) => database.read(() => find(id)),
    findRuns: (scopePrefix, idPrefix) =>
      database.read(() => {
        const isLast = idPrefix === 'last';
        const like = isLast ? '%' : `${idPrefix}%`;
        const rows = database.all(
          'SELECT * FROM runs WHERE scope LIKE ? AND id LIKE ? ORDER BY requested_at DESC, id DESC LIMIT ?',
          `${scopePrefix}%`,
          like,
          isLast ? 1 : 10,
        );
        return rows.map((row) => readRunRow(database, row));
      }),
    listRuns: (scopePrefix, limit) =>
      database.read(() => {
        const [pattern, operator] = scopePrefix.endsWith('/') ? [`${scopePrefix}%`, 'LIKE'] : [scopePrefix, '='];
        return database
          .all(`SELECT * FROM runs WHERE scope ${operator} ? ORDER BY requested_at DESC, id DESC LIMIT ?`, pattern, limit)
          .map((row) => readRunRow(database, row));
      }),
    setPhase: (runId, phase) => database.write(() => void database.run('UPDATE runs SET phase = ? WHERE id = ?', phase, runId)),
    adjustRun: (runId, control) =>
      database.write((): RunControl => {
        mergeJson('control', runId, control);
        const run = mustFind(runId);
        const state = run.control.paused ? 'paused' : 'running';
        database.run(`UPDATE runs SET state = ? WHERE id = ? AND state IN ('running', 'paused')`, state, runId);
        return run.control;
      }),
    setWait: (runId, side, wait) => database.write(() => void mergeJson('waits', runId, { [side]: wait })),
    noteFailure: (runId, failure) => database.write(() => void database.run('UPDATE runs SET failure = ? WHERE id = ?', JSON.stringify(failure), runId)),
    setReadStart: (runId, at) =>
      database.write(() => void database.run('UPDATE runs SET read_started_at = coalesce(read_started_at, ?) WHERE id = ?', Math.round(at), runId)),
    addRunCost: (runId, cost) =>
      database.write(() => {
        database.run(`INSERT INTO segments (run_id, idx, state, opened_at) VALUES (?, ?, 'complete', 0) ON CONFLICT DO NOTHING`, runId, OUTSIDE_SEGMENTS);
        addCost(database, runId, OUTSIDE_SEGMENTS, cost);
      }),
    setExpected: (runId, expected) => database.write(() => void database.run('UPDATE runs SET expected = ? WHERE id = ?', expected, runId)),
    deriveTotals: (runId) => database.read(() => deriveTotals(database, mustFind(runId))),
    closeRun: (runId, end) =>
      database.write(() => {
        database.run(`UPDATE changes SET state = 'dropped', settled_at = ? WHERE run_id = ? AND state = 'planned'`, end.at, runId);
        database.run(
          `UPDATE runs SET state = ?, phase = 'done', ended_at = ?, totals = ?, failure = coalesce(?, failure), waits = '{}' WHERE id = ? AND ended_at IS NULL`,
          end.state,
          end.at,
          JSON.stringify(end.totals),
          end.failure === undefined ? null : JSON.stringify(end.failure),
          runId,
        );
      }),
    readWatermark: (scope) =>
      database.read(() => {
        const row = database.get('SELECT value, full_read_at FROM watermarks WHERE scope = ?', scope);
        return row === undefined ? undefined : defined({ value: text(row, 'value'), fullReadAt: optionalNumber(row, 'full_read_at') });
      }),
    saveWatermark: (scope, watermark, at) =>
      database.write(() => {
        const sql =
          'INSERT INTO watermarks VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, full_read_at = excluded.full_read_at, saved_at = excluded.saved_at';
        database.run(sql, scope, watermark.value, watermark.fullReadAt ?? null, at);
      }),
  };
}

function openRun(database: Database, input: OpenRunInput, mustFind: (id: string) => Run): Run {
  const live = database.get(`SELECT id, workflow_id, first_execution_run_id FROM runs WHERE scope = ? AND state IN ('running', 'paused')`, input.scope);
  if (live !== undefined) {
    const isSame = optionalText(live, 'first_execution_run_id') === input.firstExecutionRunId;
    if (isSame) return mustFind(text(live, 'id'));
    if (optionalText(live, 'workflow_id') !== input.workflowId) {
      const message = `Another run of ${input.scope} is alive (${text(live, 'id')}): wait for it, or cancel it with "syncline cancel".`;
      throw new SyncError({ code: 'RUN_CONFLICT', retry: 'never', message });
    }
    abandon(database, text(live, 'id'), input.at);
  }
  database.run(
    `INSERT INTO runs (id, scope, trigger, options, state, phase, requested_at) VALUES (?, ?, ?, '{}', 'requested', 'planning', ?) ON CONFLICT DO NOTHING`,
    input.id,
    input.scope,
    input.trigger,
    input.at,
  );
  database.run(
    `UPDATE runs SET state = 'running', definition_hash = ?, workflow_id = ?, first_execution_run_id = ?, started_at = ?, window = ? WHERE id = ?`,
    input.definitionHash,
    input.workflowId,
    input.firstExecutionRunId,
    input.at,
    JSON.stringify(input.window),
    input.id,
  );
  return mustFind(input.id);
}

/** The workflow id is the lock: a run under the same id with another first execution is dead. Its planned changes go; what it sent is unknown. */
function abandon(database: Database, runId: string, at: number): void {
  database.run(`UPDATE changes SET state = 'dropped', settled_at = ? WHERE run_id = ? AND state = 'planned'`, at, runId);
  database.run(`UPDATE batches SET state = 'unknown' WHERE run_id = ? AND state = 'sending'`, runId);
  const row = database.get('SELECT * FROM runs WHERE id = ?', runId);
  const options = row === undefined ? undefined : json(row, 'options');
  const isRetry = typeof options === 'object' && options !== null && 'retry' in options && options.retry === true;
  const totals = liveTotals(database, runId, isRetry, undefined);
  database.run(`UPDATE runs SET state = 'abandoned', phase = 'done', ended_at = ?, totals = ? WHERE id = ?`, at, JSON.stringify(totals), runId);
}

/** The latest change of each key tells its outcome; where there is no change, the sighting does. */
const OUTCOMES_OF_RUN = `
  SELECT CASE WHEN s.change_id IS NULL THEN s.disposition WHEN c.state = 'settled' THEN c.outcome WHEN c.state = 'sending' THEN 'held' ELSE c.state END AS outcome,
    c.created AS created, count(*) AS records
  FROM sightings s LEFT JOIN changes c ON c.id = s.change_id
  WHERE s.scope = ? AND s.last_run = ? GROUP BY 1, 2`;

function deriveTotals(database: Database, run: Run): RunTotals {
  const counted = liveTotals(database, run.id, run.options.retry === true, run.totals.expected);
  const sums = new Map<string, number>(OUTCOMES.map((outcome) => [outcome, 0]));
  let created = 0;
  let updated = 0;
  for (const row of database.all(OUTCOMES_OF_RUN, run.scope, run.id)) {
    const outcome = text(row, 'outcome');
    const records = number(row, 'records');
    sums.set(outcome, (sums.get(outcome) ?? 0) + records);
    if (outcome === 'written' && row['created'] === 1) created += records;
    if (outcome === 'written' && row['created'] === 0) updated += records;
  }
  const of = (outcome: (typeof OUTCOMES)[number]) => sums.get(outcome) ?? 0;
  return {
    ...counted,
    created,
    updated,
    written: of('written'),
    unchanged: of('unchanged'),
    superseded: of('superseded'),
    skipped: of('skipped'),
    rejected: of('rejected'),
    held: of('held'),
  };
}
