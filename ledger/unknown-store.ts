/** A write whose answer was lost and whose target cannot be asked: a person decides. */
export interface UnknownWrite {
  readonly key: string;
  readonly runId: string;
  /** When it was sent last; absent where that is not known. */
  readonly sentAt?: number;
  /** The last request: `POST /contacts`. */
  readonly request?: string;
  /** What came back: an HTTP status, or a fixed sentence. */
  readonly status?: number;
  readonly failure?: string;
  /** Why it is held, in words. */
  readonly message: string;
}

/** What a person found at the target. */
export type UnknownResolution = { readonly as: 'written'; readonly targetId?: string } | { readonly as: 'not-written' };

export interface UnknownStore {
  /** Writes held for a person, in key order. */
  listUnknown(scope: string, page: { readonly afterKey?: string; readonly limit: number }): Promise<readonly UnknownWrite[]>;
  /**
   * Settles such a write as a person says: `written`, the target has its content, under that id if one is given; `not-written`, the next run sends it again. Its story says so.
   * @returns false where the record has no such write: then nothing is changed
   */
  resolveUnknown(scope: string, key: string, resolution: UnknownResolution, at: number): Promise<boolean>;
}
