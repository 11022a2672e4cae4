import type { LimitBlock } from './limit-store.ts';
import type { Run } from './run-store.ts';

/** What one process has of an account's limits at the moment. */
export interface LimitShare {
  readonly holder: string;
  /** The fraction of the account's pace that is its own. */
  readonly share: number;
  /** The fraction that it can use; 1: whatever it gets. */
  readonly demand: number;
  /** Requests that it may have in flight; 0 where their number is not shared. */
  readonly places: number;
  /** Requests in flight and those that wait; 0 where their number is not shared. */
  readonly placesWanted: number;
}

/** How the limits of an account stand. */
export interface AccountUse {
  readonly account: string;
  readonly holders: readonly LimitShare[];
  /** Of each quota that is counted: how much it is, and what the stretch of `perMs` up to now has used, with what was had ahead. */
  readonly quotas: readonly { readonly perMs: number; readonly used: number; readonly count?: number }[];
  /** Nobody may go before. */
  readonly block?: LimitBlock;
}

/** What goes on, for those who look on: a few look-ups by index for each scope and account, whatever the ledger holds. */
export interface OverviewStore {
  /** Of each scope its newest live run, ended or not, and the open runs of windows, whether or not they are alive. In the order of the scopes, the live run first, then the oldest. */
  listCurrentRuns(scopes: readonly string[]): Promise<readonly Run[]>;
  /** In the order of the accounts; one that nobody uses has no holders. */
  readAccountUse(accounts: readonly string[], at: number): Promise<readonly AccountUse[]>;
}
