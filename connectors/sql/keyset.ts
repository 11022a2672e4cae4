import { z } from 'zod';
import type { Json } from '../../engine/json.ts';
import type { ReadWindow } from '../ports.ts';
import { quoteName } from './names.ts';

/** Where a page ended. Kept in the ledger. */
const cursorSchema = z.strictObject({
  /** Values of the columns that the rows are ordered by. */
  after: z.array(z.union([z.string(), z.number(), z.boolean()])),
  /** Rows that the next page may have. */
  rows: z.int().positive(),
});
export type RowCursor = z.output<typeof cursorSchema>;

export function readRowCursor(cursor: Json | undefined): RowCursor | undefined {
  return cursor === undefined ? undefined : cursorSchema.parse(cursor);
}

export interface KeysetOptions {
  /** What is read: a quoted table, or a statement in brackets. */
  readonly from: string;
  readonly key: readonly string[];
  readonly orderedBy: string | undefined;
  readonly placeholder: (position: number) => string;
}

/** The columns by which a read is ordered: from a place on by the column of the window; else by the key alone, so that no row moves while it is read, and those without a value are met. */
export function orderOf({ key, orderedBy }: Pick<KeysetOptions, 'key' | 'orderedBy'>, window: ReadWindow): readonly string[] {
  return orderedBy !== undefined && window.from !== undefined ? [orderedBy, ...key.filter((column) => column !== orderedBy)] : key;
}

/** One page of rows: the next ones after where the page before ended. Both bounds of a window belong to it: what is read twice is staged once. */
export function keysetStatement(
  options: KeysetOptions,
  window: ReadWindow,
  cursor: RowCursor | undefined,
  rows: number,
): { readonly sql: string; readonly values: readonly Json[] } {
  const { from, orderedBy, placeholder } = options;
  const values: Json[] = [];
  const value = (given: Json) => {
    values.push(given);
    return placeholder(values.length);
  };
  const order = orderOf(options, window).map(quoteName);
  const conditions = [
    ...(orderedBy === undefined ? [] : windowConditions(quoteName(orderedBy), window, value)),
    ...(cursor === undefined ? [] : [`(${order.join(', ')}) > (${cursor.after.map(value).join(', ')})`]),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return { sql: `SELECT * FROM ${from}${where} ORDER BY ${order.join(', ')} LIMIT ${rows}`, values };
}

/** The part with no beginning has the rows without a value, too: they must lie in one. */
function windowConditions(column: string, { from, to }: ReadWindow, value: (given: Json) => string): readonly string[] {
  const before = to === undefined ? [] : [`${column} <= ${value(to)}`];
  if (from !== undefined) return [`${column} >= ${value(from)}`, ...before];
  return before.map((condition) => `(${condition} OR ${column} IS NULL)`);
}
