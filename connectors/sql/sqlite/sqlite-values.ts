import type { Json } from '../../../engine/json.ts';
import { parseJson } from '../../../engine/parse-json.ts';
import type { Column, Compared } from '../database.ts';
import { wholeNumber } from '../numbers.ts';

export type SqliteValue = null | number | bigint | string | Uint8Array;

/**
 * How values of a column become JSON. SQLite keeps what it is given, whatever the column says: only booleans and JSON, which it has no kind of its own for, go by the declared
 * type. Times are as they are stored.
 */
export function readerOf(type: string): (value: unknown) => Json {
  const isBoolean = /^bool/i.test(type);
  const isJson = /^jsonb?$/i.test(type);
  return (value) => {
    if (typeof value === 'bigint') return isBoolean && (value === 0n || value === 1n) ? value === 1n : wholeNumber(String(value));
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
    if (typeof value === 'string') return isJson ? json(value) : value;
    return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : null;
  };
}

/** How JSON is stored: whole numbers as such, truth as 0 and 1, bytes from base64, lists and objects as JSON text. */
export function sqliteValue(value: Json | undefined, column?: Column): SqliteValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'string') return JSON.stringify(value);
  if (column !== undefined && /^jsonb?$/i.test(column.type)) return JSON.stringify(value);
  return column !== undefined && /^blob$/i.test(column.type) ? Buffer.from(value, 'base64') : value;
}

/** A bound number is text here, and no text is smaller than any number: a column without a type, such as a computed one, would not make a number of it. */
export function comparable(placeholder: string, { column, type, value }: Compared): string {
  const isNumber = type === '' && typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value);
  return isNumber ? `CASE typeof(${column}) WHEN 'text' THEN ${placeholder} ELSE CAST(${placeholder} AS NUMERIC) END` : placeholder;
}

function json(text: string): Json {
  const parsed = parseJson(text);
  return parsed.is === 'json' ? parsed.value : text;
}
