import type { Json, JsonObject } from '../../engine/json.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import type { BatchAnswer, OutgoingRecord, Permit } from '../ports.ts';

/** One column of a table, or of the answer of a statement. */
export interface Column {
  readonly name: string;
  /** As the database writes it; empty where it has none. */
  readonly type: string;
  readonly isRequired: boolean;
  /** A row that says nothing of it gets a value all the same. */
  readonly hasDefault?: boolean;
  /** The database computes it. */
  readonly isReadOnly?: boolean;
  /** It holds the key of another row. */
  readonly isReference?: boolean;
  /** Of an enumeration. */
  readonly values?: readonly string[];
  /** Turns what the driver gives into JSON. */
  readonly read: (value: unknown) => Json;
}

/** What rows look like. */
export interface RowShape {
  readonly columns: readonly Column[];
  /** Columns of the primary key; none where there is none. */
  readonly key: readonly string[];
  /** Each set of columns that a unique index is on, also the primary key. */
  readonly unique: readonly (readonly string[])[];
}

/** A statement that reads. */
export interface ReadStatement {
  readonly sql: string;
  readonly values: readonly Json[];
  readonly columns: readonly Column[];
}

export interface RowsRead {
  readonly rows: readonly JsonObject[];
  readonly bytes: number;
  /** By the clock of this process. */
  readonly observedAt: number;
  /** By the clock of the database, where that is another machine. */
  readonly serverTime?: number;
}

/** Rows of one table, to be written together or not at all. */
export interface RowBatch {
  readonly kind: ChangeKind;
  /** Quoted. */
  readonly table: string;
  readonly shape: RowShape;
  /** Columns that identify a row in the database. */
  readonly key: readonly string[];
  /** Columns by which records are matched. */
  readonly match: readonly string[];
  /** Set to the time of the write. */
  readonly syncedAt: string | undefined;
  readonly records: readonly OutgoingRecord[];
}

/** A value that a column is compared with. */
export interface Compared {
  /** Quoted. */
  readonly column: string;
  /** Of the column; empty where it has none. */
  readonly type: string;
  readonly value: Json;
}

/** How one kind of database names types that Syncline chooses. */
export interface TypeNames {
  readonly text: string;
  readonly number: string;
  readonly boolean: string;
  readonly json: string;
  readonly time: string;
}

/** One database, and how it is spoken to. All that it throws are SyncErrors. */
export interface Database {
  /** As people are told: host and name, never a password. */
  readonly address: string;
  readonly typeNames: TypeNames;
  /** It is not there yet, and the first table that is made would make it. */
  readonly canBeMade: () => boolean;
  /** The nth value of a statement, from 1, where a column is compared with it. */
  placeholder(position: number, compared: Compared): string;
  /** @param permit of one who has a place already @returns undefined where there is no such table */
  describeTable(name: string, permit?: Permit): Promise<RowShape | undefined>;
  describeQuery(select: string, where: string): Promise<RowShape>;
  listTables(permit?: Permit): Promise<readonly string[]>;
  /** Read-only, whatever the statement. @param where names the object in errors */
  read(statement: ReadStatement, where: string, signal?: AbortSignal): Promise<RowsRead>;
  /** Rows of a table by the values of some columns. @returns for each list of values, in its place, the rows that have them */
  find(
    table: string,
    shape: RowShape,
    of: readonly string[],
    values: readonly (readonly string[])[],
    where: string,
    signal?: AbortSignal,
  ): Promise<readonly (readonly JsonObject[])[]>;
  /** Statements that make tables, columns and indexes; one process after another. */
  alter(statements: readonly string[], where: string, permit: Permit): Promise<void>;
  acquirePermit(signal?: AbortSignal): Promise<Permit>;
  /** One transaction. @throws WRITE_OUTCOME_UNKNOWN where its end was not heard of */
  write(batch: RowBatch, permit: Permit, checkBeforeDispatch: () => Promise<void>, where: string): Promise<BatchAnswer>;
  setPace(pace: { readonly requestsPerSecond?: number; readonly concurrency?: number }): void;
  close(): Promise<void>;
}
