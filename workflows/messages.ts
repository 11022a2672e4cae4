import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { PAUSE_SIGNAL, PROGRESS_QUERY, RESUME_SIGNAL, type SyncProgress, TUNE_UPDATE, type TuneInput } from './contract.ts';

/** Stops claiming and reading at the next durable step; what is in flight is settled. */
export const pauseSignal = defineSignal(PAUSE_SIGNAL);
/** Goes on where the pause left it. */
export const resumeSignal = defineSignal(RESUME_SIGNAL);
/** Changes concurrency, batch size or rate of the live run. Refused when empty or out of range. */
export const tuneUpdate = defineUpdate<TuneInput, [TuneInput]>(TUNE_UPDATE);
/** Phase, segment and totals as of the last segment; live figures are in the ledger. */
export const progressQuery = defineQuery<SyncProgress>(PROGRESS_QUERY);
