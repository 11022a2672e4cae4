/** What begins again so soon is flapping. */
export const FLAP_MS = 600_000;

/** In `openedBy` and `closedBy` of what no run began, or ended by going well. */
export const NO_RUN = 'watch';

/** Nobody is told of a sync until then. */
export interface AlertMute {
  readonly scope: string;
  readonly until: number;
}

/** Something that went wrong with a sync by one of its alert rules, from the run that began it to the one that ended it. At most one is open for each rule. */
export interface Incident {
  readonly id: string;
  readonly scope: string;
  /** The name of the rule. */
  readonly rule: string;
  /** In a sentence without record values. */
  readonly what: string;
  readonly openedBy: string;
  readonly openedAt: number;
  readonly closedBy?: string;
  readonly closedAt?: number;
  /** How often it, or the one before it, began again soon after its end. */
  readonly flaps: number;
  /** Channels that were told of its begin. */
  readonly toldOpened: readonly string[];
  /** Channels that were told of its end. */
  readonly toldClosed: readonly string[];
}

export interface IncidentStore {
  /**
   * Begins it, unless the rule has an open one, or this one has begun before: idempotent by id. Where the rule's latest has ended less than `FLAP_MS` before, that is a flap: if
   * nobody was told of that end, the latest goes on in its place.
   * @returns whether it has begun by this
   */
  openIncident(incident: Pick<Incident, 'id' | 'scope' | 'rule' | 'what' | 'openedBy' | 'openedAt'>): Promise<boolean>;
  /** Ends what is open of the rule, if anything is. Idempotent. @returns whether anything has ended by this */
  closeIncident(input: { readonly scope: string; readonly rule: string; readonly closedBy: string; readonly closedAt: number }): Promise<boolean>;
  /** Those that are open, and those of whose end a channel is still to be told that knows of their begin. The oldest first. A scope that ends with `/` is of all syncs below it. */
  listUnfinishedIncidents(scope: string): Promise<readonly Incident[]>;
  /** Those that are open, of all syncs below a prefix that ends with `/`. The oldest first. */
  listOpenIncidents(scopePrefix: string): Promise<readonly Incident[]>;
  /** Nobody is told of the sync until then; a time that is over: it is told of again. The latest call counts. */
  muteAlerts(mute: AlertMute): Promise<void>;
  /** Those that hold at a time, of all syncs below a prefix that ends with `/`. */
  listMutes(scopePrefix: string, at: number): Promise<readonly AlertMute[]>;
  /** A channel was told. Idempotent. */
  noteTold(input: { readonly incident: string; readonly channel: string; readonly event: 'opened' | 'closed'; readonly at: number }): Promise<void>;
}
