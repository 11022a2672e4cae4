import type { Json } from '../engine/json.ts';
import type { Shape } from '../engine/shape.ts';

/** A record of such a page: what the target was to be told, or why it was left out. */
export type RememberedRecord = { readonly key: string; readonly contentHash: string } | { readonly key: string; readonly reason: string };

/** What a page of a list said when it was read last, as far as it counts: while the source says that it is still the same, it is not read again. Holds no value of a record. */
export interface RememberedPage {
  /** Of all that the outcome of its records depends on besides themselves. */
  readonly basis: string;
  /** What its answer said of its version. */
  readonly validators: { readonly etag?: string | undefined; readonly lastModified?: string | undefined };
  readonly records: readonly RememberedRecord[];
  /** Where the next page begins; absent after the last. */
  readonly next?: Json | undefined;
  readonly total?: number | undefined;
  /** The largest value of the incremental field on it. */
  readonly maxCursorValue?: string | undefined;
  readonly shape: Shape;
}

export interface PageMemory {
  /** @param place which page of which list: a hash of what was asked for */
  readRememberedPage(scope: string, place: string): Promise<RememberedPage | undefined>;
  /** Takes the place of what was remembered of that page; pages of another basis are forgotten. */
  rememberPage(input: {
    readonly scope: string;
    readonly place: string;
    readonly page: RememberedPage;
    readonly isSealed: boolean;
    readonly at: number;
  }): Promise<void>;
}
