/** A record that both sides changed, and that waits for a person. */
export interface ConflictHold {
  readonly key: string;
  readonly runId: string;
  readonly at: number;
  /** What differs, in words. */
  readonly message: string;
}

export interface ConflictStore {
  /** Records held for a conflict, in key order. */
  listConflicts(scope: string, page: { readonly afterKey?: string; readonly limit: number }): Promise<readonly ConflictHold[]>;
  /**
   * Settles one as a person says: `source`, the next run writes it whatever others changed; `target`, it stays as it is there until the source changes again.
   * @returns false where the record has no conflict: then nothing is changed
   */
  resolveConflict(scope: string, key: string, take: 'source' | 'target', at: number): Promise<boolean>;
  /** Of these keys: the content that a person said is to be written whatever others changed. */
  readConflictDecisions(scope: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
}
