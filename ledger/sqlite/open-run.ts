import { SyncError } from '../../engine/errors.ts';
import { parseSyncScope } from '../../engine/ids.ts';
import type { OpenRunInput } from '../ledger.ts';
import { optionalText, type Row, text } from '../rows/row.ts';
import { readsAsRetry } from '../rows/run-row.ts';
import { endWork } from './batches.ts';
import type { Database } from './database.ts';
import { liveTotals } from './run-row.ts';

/** See `RunStore.openRun`. */
export function openRun(database: Database, input: OpenRunInput): void {
  const own = database.get('SELECT * FROM runs WHERE id = ?', input.id);
  if (own !== undefined && typeof own['ended_at'] === 'number')
    throw conflict(`Run ${input.id} of ${input.scope} has ended already (${text(own, 'state')}): start a new one.`);
  const lane = own === undefined ? '' : text(own, 'lane');
  const live = database.get(`SELECT * FROM runs WHERE scope = ? AND lane = ? AND state IN ('running', 'paused')`, input.scope, lane);
  if (live !== undefined && optionalText(live, 'first_execution_run_id') === input.firstExecutionRunId && text(live, 'id') === input.id) return;
  if (live !== undefined) takePlaceOf(database, live, input);
  database.run(
    `INSERT INTO runs (id, scope, trigger, options, state, phase, requested_at) VALUES (?, ?, ?, '{}', 'requested', 'planning', ?) ON CONFLICT DO NOTHING`,
    input.id,
    input.scope,
    input.trigger,
    Math.round(input.at),
  );
  database.run(
    `UPDATE runs SET state = CASE WHEN control ->> '$.paused' THEN 'paused' ELSE 'running' END, definition_hash = ?, workflow_id = ?, first_execution_run_id = ?, started_at = ?, window = ? WHERE id = ?`,
    input.definitionHash,
    input.workflowId,
    input.firstExecutionRunId,
    Math.round(input.at),
    JSON.stringify(input.window),
    input.id,
  );
}

/** The workflow id is the lock: a run under the same id with another first execution is dead. */
function takePlaceOf(database: Database, live: Row, input: OpenRunInput): void {
  const id = text(live, 'id');
  if (optionalText(live, 'workflow_id') !== input.workflowId)
    throw conflict(`Another run of ${input.scope} is alive (${id}): wait for it, or cancel it with "syncline cancel ${parseSyncScope(input.scope).sync}".`);
  if (id === input.id) return;
  const at = Math.round(input.at);
  endWork(database, id, at);
  const totals = liveTotals(database, id, readsAsRetry(live), undefined);
  database.run(`UPDATE runs SET state = 'abandoned', phase = 'done', ended_at = ?, totals = ?, waits = '{}' WHERE id = ?`, at, JSON.stringify(totals), id);
}

function conflict(message: string): SyncError {
  return new SyncError({ code: 'RUN_CONFLICT', retry: 'never', message });
}
