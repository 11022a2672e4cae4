import { SyncError } from '../../engine/errors.ts';
import { parseSyncScope } from '../../engine/ids.ts';
import type { OpenRunInput, RunStore } from '../ledger.ts';
import { optionalText, type Row, text } from '../rows/row.ts';
import { laneOf, readsAsRetry } from '../rows/run-row.ts';
import { endWork } from './batches.ts';
import { lockScope } from './locks.ts';
import { liveTotals } from './run-row.ts';
import type { Session } from './session.ts';

const REQUEST = `INSERT INTO runs (id, scope, lane, trigger, options, state, phase, requested_at) VALUES ($1, $2, $3, $4, $5, 'requested', 'planning', $6) ON CONFLICT DO NOTHING`;

const START = `
  UPDATE runs SET state = CASE WHEN (control::jsonb ->> 'paused')::boolean THEN 'paused' ELSE 'running' END, definition_hash = $2, workflow_id = $3, first_execution_run_id = $4, started_at = $5, "window" = $6 WHERE id = $1`;

/** See `RunStore.requestRun`. */
export async function requestRun(session: Session, run: Parameters<RunStore['requestRun']>[0]): Promise<void> {
  await session.run(REQUEST, run.id, run.scope, laneOf(run), run.trigger, JSON.stringify(run.options), Math.round(run.at));
}

/** See `RunStore.openRun`. */
export async function openRun(session: Session, input: OpenRunInput): Promise<void> {
  await lockScope(session, input.scope);
  const own = await session.get('SELECT * FROM runs WHERE id = $1', input.id);
  if (own !== undefined && typeof own['ended_at'] === 'number')
    throw conflict(`Run ${input.id} of ${input.scope} has ended already (${text(own, 'state')}): start a new one.`);
  const lane = own === undefined ? '' : text(own, 'lane');
  const live = await session.get(`SELECT * FROM runs WHERE scope = $1 AND lane = $2 AND state IN ('running', 'paused')`, input.scope, lane);
  if (live !== undefined && optionalText(live, 'first_execution_run_id') === input.firstExecutionRunId && text(live, 'id') === input.id) return;
  if (live !== undefined) await takePlaceOf(session, live, input);
  await requestRun(session, { ...input, options: {} });
  const { id, definitionHash, workflowId, firstExecutionRunId, window } = input;
  await session.run(START, id, definitionHash, workflowId, firstExecutionRunId, Math.round(input.at), JSON.stringify(window));
}

/** The workflow id is the lock: a run under the same id with another first execution is dead. */
async function takePlaceOf(session: Session, live: Row, input: OpenRunInput): Promise<void> {
  const id = text(live, 'id');
  if (optionalText(live, 'workflow_id') !== input.workflowId)
    throw conflict(`Another run of ${input.scope} is alive (${id}): wait for it, or cancel it with "syncline cancel ${parseSyncScope(input.scope).sync}".`);
  if (id === input.id) return;
  const at = Math.round(input.at);
  await endWork(session, id, at);
  const totals = await liveTotals(session, id, readsAsRetry(live), undefined);
  const sql = `UPDATE runs SET state = 'abandoned', phase = 'done', ended_at = $2, totals = $3, waits = '{}' WHERE id = $1`;
  await session.run(sql, id, at, JSON.stringify(totals));
}

function conflict(message: string): SyncError {
  return new SyncError({ code: 'RUN_CONFLICT', retry: 'never', message });
}
