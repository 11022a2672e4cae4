import type { Row } from '../rows/row.ts';

/** What a statement is given: lists are arrays of PostgreSQL. */
export type Value = string | number | boolean | null | readonly (string | number | null)[];

/** Statements, one after the other: inside a transaction, or each by itself. Parameters are `$1`, `$2`, … */
export interface Session {
  all(sql: string, ...values: readonly Value[]): Promise<Row[]>;
  get(sql: string, ...values: readonly Value[]): Promise<Row | undefined>;
  /** @returns rows changed */
  run(sql: string, ...values: readonly Value[]): Promise<number>;
  /** Several statements that are given nothing. */
  script(sql: string): Promise<void>;
}

/** Other transactions made this one come to nothing, or out of date: nothing was changed, and it is done again. */
export class Outdated extends Error {}
