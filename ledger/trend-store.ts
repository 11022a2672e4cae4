/** Write requests of a run that took the same time and were answered alike. */
export interface TrendRequests {
  /** Absent: no answer. */
  readonly status?: number;
  /** Until the answer, in whole milliseconds; absent: no answer. */
  readonly durationMs?: number;
  readonly requests: number;
}

/** What one run among others cost. */
export interface RunFigures {
  readonly runId: string;
  readonly requests: readonly TrendRequests[];
  /** Of what was read: bytes and pages. */
  readonly bytes: number;
  readonly pages: number;
}

/** Runs beside one another, from what is kept for other ends. */
export interface TrendStore {
  /** In the order of the ids, those of runs that are unknown too; of one that was pruned there are no requests. */
  readRunFigures(runIds: readonly string[]): Promise<readonly RunFigures[]>;
}
