import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ApplicationFailure, continueAsNew, ParentClosePolicy, proxyActivities, sleep, startChild, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import { resultsWorkflowId, type SyncRef, taskQueues } from '../engine/ids.ts';
import { RESULTS_WORKFLOW, type ResultsInput } from './contract.ts';

const FIRST_PAUSE_MS = 2_000;
const PAUSE_FACTOR = 3;
const LONGEST_PAUSE_MS = 900_000;
/** Who takes nothing for so long is not told any more of this run. */
const PATIENCE_MS = 3 * 86_400_000;

/** Posts the results of a run that has ended, page by page, however long the receiver is away: beside whatever runs, so that the next run of its sync does not wait for it. */
export async function resultsWorkflow(input: ResultsInput): Promise<void> {
  const { ref, ofRun } = input;
  const { sendResults } = proxyActivities<Activities>({
    taskQueue: taskQueues(ref.project, ref.profile).bookkeeping,
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: '20 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
    summary: `Send the results of ${ofRun}`,
  });
  let { place, since = Date.now() } = input;
  for (let pauseMs = FIRST_PAUSE_MS; ; ) {
    const sent = await sendResults({ ofRun, ...(place === undefined ? {} : { place }) });
    if (sent.isDone) return;
    if (sent.place.page !== place?.page) [pauseMs, since] = [FIRST_PAUSE_MS, Date.now()];
    place = sent.place;
    if (sent.again !== undefined) {
      if (Date.now() - since > PATIENCE_MS)
        throw ApplicationFailure.nonRetryable('The results of the run were not taken for three days.', 'SYSTEM_UNAVAILABLE');
      await sleep(sent.again === 'soon' ? pauseMs : LONGEST_PAUSE_MS);
      pauseMs = Math.min(pauseMs * PAUSE_FACTOR, LONGEST_PAUSE_MS);
    }
    if (workflowInfo().continueAsNewSuggested) return continueAsNew<typeof resultsWorkflow>({ ref, ofRun, place, since });
  }
}

/** Starts it for a run that has ended, and does not wait for it. */
export async function startResults(ref: SyncRef, ofRun: string): Promise<void> {
  try {
    const args: [ResultsInput] = [{ ref, ofRun }];
    await startChild(RESULTS_WORKFLOW, {
      workflowId: resultsWorkflowId(ref, ofRun),
      args,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `Results of ${ofRun}`,
    });
  } catch (error) {
    // Of a run that was reset: it is at work already.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
