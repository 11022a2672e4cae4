/** Requests counted one by one, for the whole account: `quota` however they are spread, `spaced` one each `intervalMs`. */
export type Meter =
  | { readonly kind: 'quota'; readonly perMs: number; readonly count: number }
  | { readonly kind: 'spaced'; readonly perMs: number; readonly intervalMs: number };

/** `held`: had and not used yet; `wanted`: how many to have; `least`: fewer are of no use. */
export type MeterAsk = Meter & { readonly held: number; readonly wanted: number; readonly least?: number };

/** Why everyone waits: the API asked one of us to, or its quota is spent. */
export type PauseReason = 'asked' | 'quota';

export interface BudgetAsk {
  readonly account: string;
  readonly holder: string;
  readonly weight: number;
  /** The fraction of the account's pace that can be used; 1: whatever there is. */
  readonly demand: number;
  readonly places?: { readonly of: number; readonly inFlight: number; readonly wanted: number };
  readonly meters: readonly MeterAsk[];
  readonly leaseMs: number;
}

export interface BudgetLease {
  /** The fraction of the account's pace that is ours for `leaseMs`. */
  readonly share: number;
  readonly holders: number;
  readonly places: number;
  /** As asked: how many more there are, and where there is none, after how long to ask again. */
  readonly meters: readonly { readonly granted: number; readonly waitMs: number }[];
  /** What is left of a pause. */
  readonly block?: { readonly ms: number; readonly reason: PauseReason };
}

/** Where the limits of an account are divided among the processes that use it, by one clock; the ledger has one. Its promises: `LimitStore` there. */
export interface SharedBudget {
  leaseLimits(ask: BudgetAsk): Promise<BudgetLease>;
  releaseLimits(account: string, holder: string, meters: readonly MeterAsk[]): Promise<void>;
  blockAccount(account: string, block: { readonly ms: number; readonly reason: PauseReason }): Promise<void>;
}
