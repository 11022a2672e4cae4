import type { JsonObject } from '../engine/json.ts';

/** What a delivery says of one record. */
export interface DeliveredEvent {
  /** Of the sync that is told. */
  readonly scope: string;
  readonly key: string;
  readonly kind: 'changed' | 'deleted';
  /** As the source's incremental field has it. */
  readonly version?: string;
  /** When it happened, by the source's clock. */
  readonly occurredAt?: number;
  /** The record itself, where the definition trusts the payload. Kept encrypted until the event is drained. */
  readonly record?: JsonObject;
}

export interface Delivery {
  /** The account that it came from: `project/profile/connection`. */
  readonly connection: string;
  /** Its sender's own id: a delivery that comes again has the same. */
  readonly deliveryId: string;
  readonly receivedAt: number;
  /** So long its id is remembered. */
  readonly keepUntil: number;
  readonly events: readonly DeliveredEvent[];
}

/** All open events of one record as one: what the newest of them says, by version, else by when it happened, else by when it came. */
export interface DueEvent extends Omit<DeliveredEvent, 'scope'> {
  readonly receivedAt: number;
  /** The events that it stands for. */
  readonly ids: readonly number[];
}

export interface DueEvents {
  readonly due: readonly DueEvent[];
  /** The soonest time at which others will be due; absent where there are none. */
  readonly nextAt?: number;
}

/** What became of a due event when its page was staged. */
export interface TakenEvent extends Pick<DueEvent, 'key' | 'ids'> {
  /** Where the record was found as the target was told it: the hash of that. */
  readonly unchanged?: string;
  /** Nothing was staged for it. */
  readonly isLeftOut?: boolean;
  /** What it asks for is done at the end of the run: a delete. */
  readonly awaitsEnd?: boolean;
}

export interface OpenEvents {
  readonly scope: string;
  /** Accepted, and not yet drained. */
  readonly open: number;
  /** When the oldest of them was received. */
  readonly oldestAt: number;
}

/** Webhooks that were acknowledged, until what they ask for is done. */
export interface DeliveryStore {
  /**
   * Remembers the delivery and keeps an open event for each record that it names, in one transaction. Once it resolves, both survive a killed process and a power cut.
   * @returns `accepted: false` where the connection has sent that delivery before, and it is still remembered: nothing is kept of it. `wake`: scopes whose events nobody was asked to
   * look at yet; the caller asks. Where it dies before, others do within a minute
   */
  acceptDelivery(delivery: Delivery): Promise<{ readonly accepted: boolean; readonly wake: readonly string[] }>;
  /**
   * Open events of a sync that no run has taken, by record, those that wait longest first. A record for which events were taken a short while ago waits until no more have
   * come for `settleMs`, at most five times that. One with a change in flight waits for its end.
   * Whoever was asked to look has looked: what comes from now on asks again.
   */
  listDueEvents(query: { readonly scope: string; readonly limit: number; readonly settleMs: number; readonly at: number }): Promise<DueEvents>;
  /**
   * What events ask for is staged in a segment of the run: they are its own until `settleEvents`, or until it ends. What was found unchanged is known as of `observedAt`, so that
   * nothing that was read before goes over it; where another change has come between, or is in flight, the event stays open.
   */
  takeEvents(input: {
    readonly runId: string;
    readonly segment: number;
    readonly events: readonly TakenEvent[];
    readonly observedAt: number;
    readonly at: number;
  }): Promise<void>;
  /**
   * What a run took is done, in one segment, or (without) in all of it: drained, and payloads forgotten. Whose change was out of date when it was to be sent is open again, a few
   * times, and due at `againAt`. Idempotent.
   */
  settleEvents(input: { readonly runId: string; readonly segment?: number; readonly againAt: number; readonly at: number }): Promise<void>;
  /** Open events of each sync below a prefix that ends with `/`, or of one whole scope. */
  countOpenEvents(scopePrefix: string): Promise<readonly OpenEvents[]>;
}
