import type { Row } from '../rows/row.ts';

export type KeptValue = string | number | null;

/** A statement with its values, `$1`, `$2`, … in the order in which they first appear. */
export type Step = readonly [sql: string, ...values: readonly KeptValue[]];

/** What upkeep needs of a store. Its statements are such that both stores understand them. */
export interface Keeper {
  readonly kind: 'sqlite' | 'postgres';
  readonly place: string;
  /** Steps that this program knows: those of an open ledger. */
  readonly version: number;
  bytes(): Promise<number>;
  all(sql: string, ...values: readonly KeptValue[]): Promise<readonly Row[]>;
  /** All of it or nothing. With a scope: while nobody else works on that. @returns rows changed by each */
  batch(steps: readonly Step[], scope?: string): Promise<readonly number[]>;
  columnsOf(table: string): Promise<readonly string[]>;
  /** Does nothing where the store clears up by itself. */
  compact(): Promise<void>;
  /** Rows came with numbers of their own: new ones go on after them. */
  renumber(): Promise<void>;
}
