/** What there is of a ledger, for those who look after it. */
export interface LedgerDescription {
  readonly kind: 'sqlite' | 'postgres';
  /** A path, or `DATABASE at HOST:PORT`: never a password. */
  readonly place: string;
  /** Steps of its tables that were taken: all that this program knows. */
  readonly version: number;
  /** On the disk. */
  readonly bytes: number;
  /** Rows of the tables that grow. */
  readonly rows: Readonly<Record<'runs' | 'records' | 'changes' | 'batches' | 'verdicts', number>>;
  /** The oldest of the audit trail; absent where there is none. */
  readonly oldestAt?: number;
}

/** What is not over yet about a record, and would be lost with it. */
export interface OpenWork {
  readonly isKnown: boolean;
  /** A run of its sync is alive. */
  readonly isRunAlive: boolean;
  /** Changes that are planned, or being sent. */
  readonly changes: number;
  readonly isUnknown: boolean;
  readonly isHeld: boolean;
}

export interface PruneCounts {
  readonly changes: number;
  readonly verdicts: number;
  readonly batches: number;
}

export type ExportedRow = Readonly<Record<string, string | number | null>>;

/** Looking after a ledger, whichever store it is in. */
export interface UpkeepStore {
  describeLedger(): Promise<LedgerDescription>;
  /**
   * Forgets the audit trail of before that time: what became of changes, verdicts, requests, and what runs that had ended by then kept for themselves. Never the truth about
   * records, nor what is planned, being sent, unknown or held, nor anything of a run that is alive. May be interrupted, and begun again.
   */
  pruneAudit(before: number): Promise<PruneCounts>;
  readOpenWork(scope: string, key: string): Promise<OpenWork>;
  /** Erases a record, its story, and its key wherever the ledger has it; what it was being sent in stays as a batch without it. Idempotent. @returns false where it was not known */
  forgetRecord(scope: string, key: string): Promise<boolean>;
  /** Writes the ledger anew, without the room and the bytes of what was forgotten. Whoever else wants to write waits. Does nothing on PostgreSQL, which clears up by itself. */
  compactLedger(): Promise<void>;
  /** Runs that are alive, by scope: while there is one, the tables change under whoever reads them. */
  listAliveRuns(): Promise<readonly string[]>;
  /** Rows of a table in the order of its key, after that of `after`. Values stay encrypted as they are. */
  exportRows(table: string, after: ExportedRow | undefined, limit: number): Promise<readonly ExportedRow[]>;
  /** From here on nobody else can open the ledger, until `endImport`. @throws SyncError STORE_UNAVAILABLE where it is not empty, or was written with another encryption key than `key` of the export */
  beginImport(key: string): Promise<void>;
  /** @throws SyncError DEFINITION_INVALID where there is no such table, or no such column in it */
  importRows(table: string, rows: readonly ExportedRow[]): Promise<void>;
  endImport(): Promise<void>;
}
