import type { Json } from '../../engine/json.ts';

/** A row as a store's driver gives it: text, numbers and nulls; what is true or false is 1 or 0. */
export type Row = Record<string, unknown>;

/** Readers for the columns of a row: the tables are strict about types, so a wrong one is a defect of ours. */
export function text(row: Row, name: string): string {
  const value = row[name];
  if (typeof value !== 'string') throw new Error(`column ${name} is not text`);
  return value;
}

export function optionalText(row: Row, name: string): string | undefined {
  const value = row[name];
  return typeof value === 'string' ? value : undefined;
}

export function number(row: Row, name: string): number {
  const value = row[name];
  if (typeof value !== 'number') throw new Error(`column ${name} is not a number`);
  return value;
}

export function optionalNumber(row: Row, name: string): number | undefined {
  const value = row[name];
  return typeof value === 'number' ? value : undefined;
}

/** A column of plain JSON that only this store writes. */
export function json(row: Row, name: string): Json | undefined {
  const value = row[name];
  return typeof value === 'string' ? JSON.parse(value) : undefined;
}

/** As exact optional properties want it: what may be undefined may be absent instead. */
export type Defined<Value> = { [Key in keyof Value as undefined extends Value[Key] ? never : Key]: Value[Key] } & {
  [Key in keyof Value as undefined extends Value[Key] ? Key : never]?: Exclude<Value[Key], undefined>;
};

/** An object without its undefined properties. */
export function defined<Value extends object>(value: Value): Defined<Value> {
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- what is left has no undefined, and fromEntries forgets the keys
  return Object.fromEntries(Object.entries(value).filter(([, property]) => property !== undefined)) as Defined<Value>;
}
