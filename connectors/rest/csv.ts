import type { Json, JsonObject } from '../../engine/json.ts';

/** RFC 4180 section 2: what must stand in quotes. A value that begins or ends with a space keeps it more surely there. */
const QUOTED = /[",\r\n]|^\s|\s$/;

/** All fields of the records, in the order in which they come up. */
export function columnsOf(records: readonly JsonObject[]): readonly string[] {
  const columns = new Set<string>();
  for (const record of records) for (const name of Object.keys(record)) columns.add(name);
  return [...columns];
}

/** Records as CSV with a header of all their fields; a null and a field that a record lacks are empty. */
export function writeCsv(records: readonly JsonObject[]): string {
  return [...csvLines(records)].join('');
}

/** The same line by line. */
export function* csvLines(records: readonly JsonObject[]): Generator<string> {
  const columns = columnsOf(records);
  yield `${columns.map(quoted).join(',')}\n`;
  for (const record of records) yield `${columns.map((column) => cell(record[column] ?? null)).join(',')}\n`;
}

function cell(value: Json): string {
  if (value === null) return '';
  return quoted(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function quoted(text: string): string {
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
