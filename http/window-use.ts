/** How a window of requests stands in this process. */
export interface WindowUse {
  readonly count: number;
  readonly perMs: number;
  /** Requests of this process that still count. */
  readonly used: number;
}
