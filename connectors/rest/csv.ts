import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { Json, JsonObject } from '../../engine/json.ts';
import { brokenContract } from './broken-contract.ts';

const rowsSchema = z.array(z.record(z.string(), z.string()));
/** RFC 4180 section 2: what must stand in quotes. A value that begins or ends with a space keeps it more surely there. */
const QUOTED = /[",\r\n]|^\s|\s$/;

/** Rows of a CSV text with a header, values as text. @throws SyncError CONTRACT_BROKEN where it is none */
export function readCsvText(text: string, where: string): readonly JsonObject[] {
  try {
    return rowsSchema.parse(parse(text, { bom: true, columns: true, skip_empty_lines: true, record_delimiter: ['\r\n', '\n'] }));
  } catch (error) {
    if (error instanceof CsvError) throw brokenContract(`${where}: the answer is no CSV with a header (${error.code}).`);
    throw error;
  }
}

/** Records as CSV with a header of all their fields, in the order in which they come up; a null and a field that a record lacks are empty. */
export function writeCsv(records: readonly JsonObject[]): string {
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const rows = records.map((record) => columns.map((column) => cell(record[column] ?? null)).join(','));
  return `${[columns.map(quoted).join(','), ...rows].join('\n')}\n`;
}

function cell(value: Json): string {
  if (value === null) return '';
  return quoted(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function quoted(text: string): string {
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
