import { ERROR_CODES } from '../../engine/errors.ts';
import { makeReconciliationId, reconcileWorkflowId, type SyncRef, taskQueues } from '../../engine/ids.ts';
import type { Reconciliation } from '../../ledger/drift-store.ts';
import { RECONCILE_WORKFLOW, type ReconcileRequest } from '../../workflows/contract.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT, exitCodeOf } from '../exit-codes.ts';
import { renderFields } from '../output/table.ts';
import { SERVER_PATIENCE_MS } from '../temporal/patience.ts';
import { openComparisonView } from './comparison-view.ts';
import { COMPARISON_MEMO, idOfComparison } from './find-comparison.ts';
import { followComparison } from './follow-comparison.ts';

type How = Pick<ReconcileRequest, 'samplePercent' | 'isOfCounts' | 'queue'>;

/** Compares a target with what was written there, by a workflow of its own beside a live run, or joins the one that does. @returns undefined where the person left it going */
export async function compareTarget(cli: Cli, ref: SyncRef, how: How): Promise<Reconciliation | undefined> {
  const id = await begin(cli, ref, how);
  const ledger = await cli.session.ledger();
  const view = openComparisonView(cli.out, ref.sync);
  if (!(await follow())) return sayHowToGoOn(cli, ref);
  const found = await ledger.findReconciliation(id);
  if (found === undefined) throw new Error('a comparison that ended is in the ledger');
  return found;

  async function follow(): Promise<boolean> {
    const { WorkflowFailedError } = await import('@temporalio/client');
    try {
      return await followComparison({ ledger, temporal: await cli.session.temporal(), ref, id, view, signal: cli.interrupted() });
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      throw await failure(ref.sync, deepest(error), error);
    }
  }
}

/** @returns the id of the comparison: a new one, or the one that is under way */
async function begin(cli: Cli, ref: SyncRef, how: How): Promise<string> {
  const { client } = await cli.session.temporal();
  const { WorkflowExecutionAlreadyStartedError } = await import('@temporalio/client');
  const request: ReconcileRequest = { ref, id: makeReconciliationId(Date.now(), Math.random), ...how };
  try {
    await client.connection.withDeadline(Date.now() + SERVER_PATIENCE_MS, () =>
      client.workflow.start(RECONCILE_WORKFLOW, {
        workflowId: reconcileWorkflowId(ref),
        taskQueue: taskQueues(ref.project, ref.profile).workflows,
        args: [request],
        memo: { [COMPARISON_MEMO]: request.id },
        staticSummary: `reconcile ${ref.sync}`,
      }),
    );
    if (!cli.out.isLive) cli.out.note(`Reading ${ref.sync}'s target back …`);
    return request.id;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    cli.out.note(`The target of ${ref.sync} is being compared already: this follows that comparison, with the options that it was begun with.`);
    return idOfComparison(cli, ref);
  }
}

function sayHowToGoOn(cli: Cli, { sync }: SyncRef): undefined {
  cli.out.document({ reconciliation: null, left: true });
  cli.out.note(`The comparison of ${sync} goes on.\n`);
  const next: readonly (readonly [string, string])[] = [
    ['Follow it again', cli.command(`reconcile ${sync}`)],
    ['Stop it', cli.command(`cancel ${sync} --reconcile`)],
  ];
  cli.out.note(renderFields(next, cli.out.noteTheme));
}

/** Of history a failure has its code and a fixed sentence; the API's own words are in the log of the worker. */
async function failure(sync: string, failed: Error, cause: Error): Promise<CliError> {
  const { CancelledFailure, TerminatedFailure } = await import('@temporalio/common');
  if (failed instanceof CancelledFailure || failed instanceof TerminatedFailure) {
    const message = `The comparison of ${sync} was ${failed instanceof CancelledFailure ? 'cancelled' : 'terminated from outside'}. Nothing was written to the target.`;
    return new CliError({ exitCode: EXIT.failed, code: 'RECONCILE_CANCELLED', message, cause });
  }
  const code = ERROR_CODES.find((known) => 'type' in failed && failed.type === known);
  const why = failed.message.replace(/ Details: syncline show\.$/, '');
  const message = `The target could not be compared: ${why} The worker's log has the API's own words.`;
  return new CliError({ exitCode: code === undefined ? EXIT.failed : exitCodeOf(code), code: code ?? 'RECONCILE_FAILED', message, cause });
}

/** Temporal wraps a failure once for the activity, and once for the workflow. */
function deepest(error: Error): Error {
  return error.cause instanceof Error ? deepest(error.cause) : error;
}
