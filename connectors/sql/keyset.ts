import { z } from 'zod';
import type { Json, JsonObject } from '../../engine/json.ts';
import { readTime } from '../../engine/written-time.ts';
import type { ReadWindow } from '../ports.ts';
import type { Compared, RowShape } from './database.ts';
import { quoteName } from './names.ts';
import { invalid } from './sql-trouble.ts';

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
  readonly shape: Pick<RowShape, 'columns'>;
  readonly key: readonly string[];
  readonly orderedBy: string | undefined;
  readonly placeholder: (position: number, compared: Compared) => string;
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
  const { from, orderedBy, placeholder, shape } = options;
  const values: Json[] = [];
  const value = (name: string, given: Json) => {
    values.push(given);
    const type = shape.columns.find((column) => column.name === name)?.type ?? '';
    return placeholder(values.length, { column: quoteName(name), type, value: given });
  };
  const names = orderOf(options, window);
  const order = names.map(quoteName);
  const conditions = [
    ...(orderedBy === undefined ? [] : windowConditions(quoteName(orderedBy), window, (given) => value(orderedBy, given))),
    ...(cursor === undefined ? [] : [`(${order.join(', ')}) > (${cursor.after.map((given, index) => value(names[index] ?? '', given)).join(', ')})`]),
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

/** A column of text is compared as text: what changed would lie outside of a window all the same. @throws DEFINITION_INVALID where its times do not sort so */
export function refuseUnsorted(column: string, rows: readonly JsonObject[], { from, to }: ReadWindow, where: string): void {
  if (from === undefined && to === undefined) return;
  const times = [from, to, ...rows.map((row) => row[column])].flatMap((value) => (typeof value === 'string' ? (readTime(value) ?? []) : []));
  const zones = new Set(times.map(({ offsetMs }) => offsetMs));
  if (zones.size < 2 && (times.length === 0 || times[0]?.offsetMs !== undefined)) return;
  const kind = zones.has(undefined) ? 'in a form that does not sort by time' : 'in different zones, which do not sort by time';
  throw invalid(
    `${where}: "${column}" is text, and its times are ${kind}, so changes would be left out. Read it with a \`query\` that writes them all in UTC as 2026-08-01T10:00:00Z, once with --full.`,
  );
}
