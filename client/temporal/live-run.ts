import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { type SyncRef, syncScope, syncWorkflowId } from '../../engine/ids.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { isOpen } from '../following/run-snapshot.ts';
import { type Absence, absenceSentence, findAbsence } from './absence.ts';
import { findIdleQueue } from './connection-queues.ts';
import { readWorkflowState, type WorkflowState } from './workflow-state.ts';

const PATIENCE_MS = 3_000;
const LOOK_AGAIN_MS = 250;

export interface LiveRunAccess {
  readonly ref: SyncRef;
  readonly run: Run;
  readonly handle: WorkflowHandle;
}

/** The open run in the ledger that belongs to a running workflow: requested and not planned yet, or planned by this very execution. */
export async function findOpenRun(cli: Cli, ref: SyncRef, state: WorkflowState): Promise<Run | undefined> {
  const ledger = await cli.session.ledger();
  const open = (await ledger.listRuns(syncScope(ref), 10, 'live')).filter((run) => isOpen(run.state));
  return open.find((run) => run.firstExecutionRunId === state.firstExecutionRunId) ?? open.find((run) => run.state === 'requested') ?? open[0];
}

/** The live run of a sync, to be steered. @throws CliError (exit 1) where it is not running */
export async function requireLiveRun(cli: Cli, sync: string, verb: string): Promise<LiveRunAccess> {
  const ref = await cli.session.sync(sync);
  const temporal = await cli.session.temporal();
  const state = await readWorkflowState(temporal, syncWorkflowId(ref));
  const run = state?.isRunning === true ? await findOpenRun(cli, ref, state) : undefined;
  if (run === undefined) {
    throw new CliError({
      exitCode: EXIT.failed,
      code: 'NOT_RUNNING',
      message: `There is nothing to ${verb}: ${sync} is not running. Start it with "${cli.command(`run ${sync}`)}".`,
    });
  }
  return { ref, run, handle: temporal.client.workflow.getHandle(syncWorkflowId(ref)) };
}

/** @param syncs that are to be run: the task queues of their connections need workers, too. @throws CliError (exit 5) where nobody would do the work */
export async function requireWorker(cli: Cli, ref: Pick<SyncRef, 'project' | 'profile'>, syncs: readonly string[] = []): Promise<void> {
  const temporal = await cli.session.temporal();
  refuseAbsence(cli, ref, await lasting(async () => (await findAbsence(temporal, ref, Date.now(), undefined)) ?? (await findIdleQueue(cli, syncs))));
}

/** For a live run that is to be told something. @throws CliError (exit 5) where nobody would hear it */
export async function requireWorkerOf(cli: Cli, ref: Pick<SyncRef, 'project' | 'profile'>, workflowId: string): Promise<void> {
  refuseAbsence(cli, ref, await absenceOf(cli, ref, workflowId));
}

/** For what a live run was told: says where nobody hears it. @returns whether somebody does */
export async function isHeard(cli: Cli, ref: Pick<SyncRef, 'project' | 'profile'>, workflowId: string): Promise<boolean> {
  const absence = await absenceOf(cli, ref, workflowId);
  if (absence !== undefined) cli.out.note(absenceSentence(absence, ref, (words) => cli.command(words)));
  return absence === undefined;
}

async function absenceOf(cli: Cli, ref: Pick<SyncRef, 'project' | 'profile'>, workflowId: string): Promise<Absence | undefined> {
  const temporal = await cli.session.temporal();
  const alive = await readWorkflowState(temporal, workflowId);
  return lasting(() => findAbsence(temporal, ref, Date.now(), alive?.pinnedTo));
}

/** A worker that has just said that it is ready may have to ask for work first, until the server knows of it. */
async function lasting(find: () => Promise<Absence | undefined>): Promise<Absence | undefined> {
  for (const giveUpAt = performance.now() + PATIENCE_MS; ; await sleep(LOOK_AGAIN_MS)) {
    const absence = await find();
    if (absence === undefined || performance.now() >= giveUpAt) return absence;
  }
}

function refuseAbsence(cli: Cli, ref: Pick<SyncRef, 'project' | 'profile'>, absence: Absence | undefined): void {
  if (absence === undefined) return;
  const message = absenceSentence(absence, ref, (words) => cli.command(words));
  throw new CliError({ exitCode: EXIT.unreachable, code: 'NO_WORKER', message });
}
