/** What one holder (a client of an account, in some process) uses and wants. */
export interface LimitAsk {
  /** Owner of the limits: `project/profile/connection`. */
  readonly account: string;
  /** Who asks; the same for the life of a client. */
  readonly holder: string;
  /** Of those who wait there, by priority. */
  readonly weight: number;
  /** The fraction of the account's pace that it can use; 1: whatever it gets. */
  readonly demand: number;
  /** Requests in flight, where their number is limited. */
  readonly places?: { readonly of: number; readonly inFlight: number; readonly wanted: number };
  readonly meters: readonly MeterAsk[];
  /** What is had is had for so long. */
  readonly leaseMs: number;
  /** @default now, by the store's clock: those of its processes may differ */
  readonly at?: number;
}

/** Everyone waits for so long. */
export interface LimitPause {
  readonly ms: number;
  /** The API asked to wait, or its quota is spent. */
  readonly reason: 'asked' | 'quota';
}

/**
 * Requests counted one by one, for the whole account. `quota`: no stretch of `perMs` holds more than `count`, however they are spread; kept for as long as it takes.
 * `spaced`: one each `intervalMs`.
 */
export type Meter =
  | { readonly kind: 'quota'; readonly perMs: number; readonly count: number }
  | { readonly kind: 'spaced'; readonly perMs: number; readonly intervalMs: number };

/** `held`: had and not used yet; `wanted`: how many to have, less than held gives back; `least`: fewer are of no use, so none is had before there are as many. */
export type MeterAsk = Meter & { readonly held: number; readonly wanted: number; readonly least?: number };

export interface LimitLease {
  /** The fraction of the account's pace that is the holder's until its lease ends. */
  readonly share: number;
  /** How many share the account now, with this one. */
  readonly holders: number;
  /** Requests it may have in flight; 0 where it asked for none. Where more are under way, none is to be begun until there are fewer. */
  readonly places: number;
  /** As asked: how many more it has now, and where it has too few, after how long to ask again. */
  readonly meters: readonly { readonly granted: number; readonly waitMs: number }[];
  /** What is left of a time in which nobody may go. */
  readonly block?: LimitPause;
}

/** For those who look on: nobody goes before. */
export interface LimitBlock extends Pick<LimitPause, 'reason'> {
  readonly untilMs: number;
}

/** The limits of an account, divided among all processes that use it. What is had outlives its holder by no more than its lease. */
export interface LimitStore {
  /**
   * Renews what the holder has, by what it wants now. At no time do the shares of an account add up to more than 1, nor the places to more than there are: who comes later gets
   * its part once the others have renewed theirs, and those of their requests have ended that are too many.
   */
  leaseLimits(ask: LimitAsk): Promise<LimitLease>;
  /** Gives everything back at once. */
  releaseLimits(account: string, holder: string, meters: readonly MeterAsk[], at?: number): Promise<void>;
  /** Tells all holders to wait. An earlier end than is known changes nothing. */
  blockAccount(account: string, block: LimitPause, at?: number): Promise<void>;
}
