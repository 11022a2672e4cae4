import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import {
  BACKFILL_QUERY,
  type BackfillProgress,
  DECIDE_DELETES_UPDATE,
  type DeletesDecision,
  GRAPH_QUERY,
  type GraphProgress,
  PAUSE_SIGNAL,
  PROGRESS_QUERY,
  RESUME_SIGNAL,
  type SyncProgress,
  TUNE_UPDATE,
  type TuneInput,
  WAKE_SIGNAL,
} from './contract.ts';

/** Stops claiming and reading at the next durable step; what is in flight is settled. */
export const pauseSignal = defineSignal(PAUSE_SIGNAL);
/** Goes on where the pause left it. */
export const resumeSignal = defineSignal(RESUME_SIGNAL);
/** Changes concurrency, batch size or rate of the live run. Refused when empty or out of range. */
export const tuneUpdate = defineUpdate<TuneInput, [TuneInput]>(TUNE_UPDATE);
/** There is something new to tell. */
export const wakeSignal = defineSignal(WAKE_SIGNAL);
/** Ends the wait for a person. Refused where the run does not wait, or is another. */
export const decideDeletesUpdate = defineUpdate<void, [DeletesDecision]>(DECIDE_DELETES_UPDATE);
/** Phase, segment and totals as of the last segment; live figures are in the ledger. */
export const progressQuery = defineQuery<SyncProgress>(PROGRESS_QUERY);
/** How many windows of a backfill are read. */
export const backfillQuery = defineQuery<BackfillProgress>(BACKFILL_QUERY);
/** How far each sync of a graph is. */
export const graphQuery = defineQuery<GraphProgress>(GRAPH_QUERY);
