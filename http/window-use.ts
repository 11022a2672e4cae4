/** How a window of requests stands in this process. */
export interface WindowUse {
  readonly count: number;
  readonly perMs: number;
  /** Requests of this process that still count. */
  readonly used: number;
  /** They are those of all who use the account, as the API tells. */
  readonly isOfAll?: boolean;
}
