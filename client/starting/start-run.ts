import { setTimeout as sleep } from 'node:timers/promises';
import { makeRunId, type SyncRef, syncScope, syncWorkflowId, taskQueues } from '../../engine/ids.ts';
import type { JsonObject } from '../../engine/json.ts';
import { ZERO_TOTALS } from '../../engine/outcome.ts';
import type { RunTrigger } from '../../engine/run.ts';
import { slotPriority } from '../../engine/slot-priority.ts';
import type { AuditAction, RunOptions } from '../../ledger/ledger.ts';
import { SYNC_WORKFLOW, type SyncInput } from '../../workflows/contract.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { findOpenRun } from '../temporal/live-run.ts';
import { SERVER_PATIENCE_MS } from '../temporal/patience.ts';
import { hasSearchAttributes } from '../temporal/search-attributes.ts';
import { readWorkflowState } from '../temporal/workflow-state.ts';

const ENDING_MS = 30_000;
const ENDING_PAUSE_MS = 200;

export interface StartOptions {
  readonly ref: SyncRef;
  /** Of who may ask for the same run twice. @default a new one */
  readonly runId?: string;
  readonly trigger: RunTrigger;
  readonly options: RunOptions;
  readonly definitionHash: string;
  readonly useWorkerVersion: boolean;
  /** What is read and what is written, in words without personal data. */
  readonly details: string;
  /** How the start is written into the audit log; counts and names only. @default run.started, with what `options` say */
  readonly audited?: { readonly action: AuditAction; readonly details: JsonObject };
  /** What must be in the ledger before the run begins. */
  prepare?(runId: string): Promise<void>;
}

export interface StartedRun {
  readonly runId: string;
  /** False: one was alive already, and this is it. */
  readonly isNew: boolean;
}

/** The run of a sync that is alive now. */
export async function findLiveRun(cli: Cli, ref: SyncRef): Promise<string | undefined> {
  const state = await readWorkflowState(await cli.session.temporal(), syncWorkflowId(ref));
  return state?.isRunning === true ? (await findOpenRun(cli, ref, state))?.id : undefined;
}

/** Writes down what the run is to do, then starts its workflow. The workflow id is the lock: a run that is alive is returned in the place of a second. */
export async function startRun(cli: Cli, options: StartOptions): Promise<StartedRun> {
  const { ref, trigger } = options;
  const ledger = await cli.session.ledger();
  await untilEnded(cli, ref);
  const runId = options.runId ?? makeRunId(Date.now(), Math.random);
  await ledger.requestRun({ id: runId, scope: syncScope(ref), trigger, options: options.options, at: Date.now() });
  try {
    await options.prepare?.(runId);
    await startWorkflow(cli, runId, options);
  } catch (error) {
    const status = await statusOf(cli, ref, runId);
    const isAskedAgain = options.runId !== undefined;
    if (status === undefined || (isAskedAgain && status !== 'RUNNING')) return insteadOf(cli, ref, runId, error);
    if (isAskedAgain) return { runId, isNew: false };
    // The server took it, and its answer was lost.
  }
  const { action, details } = options.audited ?? { action: 'run.started', details: detailsOf(options.options) };
  await cli.audit.record(action, { sync: ref.sync, runId, details });
  return { runId, isNew: true };
}

/** A run that could not be started will never be. @returns the one that is alive @throws where none is */
async function insteadOf(cli: Cli, ref: SyncRef, runId: string, error: unknown): Promise<StartedRun> {
  await (await cli.session.ledger()).closeRun(runId, { state: 'abandoned', totals: ZERO_TOTALS, at: Date.now() });
  const { WorkflowExecutionAlreadyStartedError } = await import('@temporalio/client');
  if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  const alive = await findLiveRun(cli, ref);
  if (alive === undefined) throw unended(cli, ref, error);
  return { runId: alive, isNew: false };
}

/** Its worker was gone between the two. */
function unended(cli: Cli, { sync }: SyncRef, cause: Error): CliError {
  const message = `The books of the last run of ${sync} are closed, and its workflow has not ended: that needs a worker. See which there are with "${cli.command('top --once')}", and try again.`;
  return new CliError({ exitCode: EXIT.failed, code: 'RUN_CONFLICT', message, cause });
}

function detailsOf({ keys, limit, full }: RunOptions): JsonObject {
  return { ...(keys === undefined ? {} : { records: keys.length }), ...(limit === undefined ? {} : { limit }), ...(full === true ? { full } : {}) };
}

/** A run whose books are closed lives on for a moment: its workflow tells who wants to know. Waited for, as it would look like a run that is alive and cannot be found. */
async function untilEnded(cli: Cli, ref: SyncRef): Promise<void> {
  const temporal = await cli.session.temporal();
  for (const end = Date.now() + ENDING_MS; Date.now() < end; await sleep(ENDING_PAUSE_MS)) {
    const state = await readWorkflowState(temporal, syncWorkflowId(ref));
    if (state?.isRunning !== true || (await findOpenRun(cli, ref, state)) !== undefined) return;
  }
}

/** Of the sync's latest workflow, where it was started for this very run. */
async function statusOf(cli: Cli, ref: SyncRef, runId: string): Promise<string | undefined> {
  const { client } = await cli.session.temporal();
  const description = await client.connection
    .withDeadline(Date.now() + SERVER_PATIENCE_MS, () => client.workflow.getHandle(syncWorkflowId(ref)).describe())
    .catch(() => undefined);
  return (await description?.staticSummary())?.endsWith(`run ${runId}`) === true ? description?.status.name : undefined;
}

async function startWorkflow(cli: Cli, runId: string, { ref, trigger, definitionHash, useWorkerVersion, details }: StartOptions): Promise<void> {
  const temporal = await cli.session.temporal();
  const { definition } = (await cli.session.project()).resolve(ref.sync);
  const input: SyncInput = {
    ref,
    runId,
    trigger,
    definitionHash,
    ...(useWorkerVersion ? { useWorkerVersion } : {}),
    ...((await hasSearchAttributes(temporal)) ? { hasSearchAttributes: true } : {}),
  };
  await temporal.client.connection.withDeadline(Date.now() + SERVER_PATIENCE_MS, () =>
    temporal.client.workflow.start(SYNC_WORKFLOW, {
      workflowId: syncWorkflowId(ref),
      taskQueue: taskQueues(ref.project, ref.profile).workflows,
      args: [input],
      priority: slotPriority(ref, definition.priority),
      staticSummary: `${ref.sync} (${trigger}), run ${runId}`,
      staticDetails: details,
    }),
  );
}
