/** How a sync stands: what people are woken for. */
export interface SyncStanding {
  readonly scope: string;
  /** The latest run that read and settled all it had to; absent: none has. */
  readonly success?: {
    /** By the source's clock where it tells one: what has changed since may not be in the target yet. */
    readonly readStartedAt: number;
    readonly endedAt: number;
  };
  /** Records that were refused or held: `waiting` is tried again by a later run, `givenUp` only when the record or the definition changes, or somebody asks. */
  readonly rejected: { readonly waiting: number; readonly givenUp: number };
  readonly held: { readonly waiting: number; readonly givenUp: number };
}

export interface StandingStore {
  /** A few look-ups by index for each; the counts read what is refused and held. In the order of the scopes. */
  readStandings(scopes: readonly string[]): Promise<readonly SyncStanding[]>;
}
