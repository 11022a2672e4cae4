import { createReadStream } from 'node:fs';
import { type Options, parse } from 'csv-parse';
import { z } from 'zod';
import type { Json } from '../../engine/json.ts';
import { parseJson } from '../../engine/parse-json.ts';
import type { CsvDialect } from '../../engine/text-format.ts';
import { csvOptions } from '../../http/parse-format.ts';
import { brokenContract } from './broken-contract.ts';

/** A row of a file, and where the next one begins (bytes). */
export interface FileRow {
  readonly row: Json;
  readonly end: number;
}

const cellsSchema = z.object({ record: z.array(z.string()), info: z.object({ bytes: z.number() }) });
const rowSchema = z.object({ record: z.record(z.string(), z.string().nullable()), info: z.object({ bytes: z.number() }) });
const LINE_END = 0x0a;

/** How a file is written. */
export interface FileText {
  readonly as: string;
  readonly csv?: CsvDialect | undefined;
}

/** The rows of a file from a place on, which an earlier row named. Never more of it in memory than a piece. @throws SyncError CONTRACT_BROKEN */
export function rowsOfFile({ as, csv }: FileText, path: string, start: number, where: string): AsyncGenerator<FileRow> {
  return as === 'csv' ? csvRows(csv, path, start, where) : lineRows(path, start, where);
}

async function* csvRows(dialect: CsvDialect | undefined, path: string, start: number, where: string): AsyncGenerator<FileRow> {
  const options = { ...csvOptions(dialect), info: true };
  try {
    const columns = start === 0 || dialect?.columns !== undefined ? options.columns : await headerOf(path, options);
    for await (const found of parsed(path, start, { ...options, bom: start === 0, columns })) {
      const { record, info } = rowSchema.parse(found);
      yield { row: record, end: start + info.bytes };
    }
  } catch (error) {
    throw error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_')
      ? brokenContract(`${where}: the file is no CSV with a header.`, error)
      : error;
  }
}

async function headerOf(path: string, options: ReturnType<typeof csvOptions>): Promise<string[]> {
  for await (const found of parsed(path, 0, { ...options, info: true, columns: false, to: 1 })) return cellsSchema.parse(found).record;
  return [];
}

/** Whoever stops reading in the middle closes the file, too: a pipe alone would leave it open. */
async function* parsed(path: string, start: number, options: Options): AsyncGenerator<unknown> {
  const file = createReadStream(path, { start });
  const parser = parse(options);
  file.on('error', (error) => parser.destroy(error));
  try {
    yield* file.pipe(parser);
  } finally {
    file.destroy();
    parser.destroy();
  }
}

async function* lineRows(path: string, start: number, where: string): AsyncGenerator<FileRow> {
  let rest: Buffer = Buffer.alloc(0);
  let at = start;
  const rowOf = (line: Buffer): Json => {
    const read = parseJson(line.toString('utf8').trim());
    if (read.is !== 'json') throw brokenContract(`${where}: a line of the file is no JSON.`);
    return read.value;
  };
  for await (const piece of createReadStream(path, { start, highWaterMark: 262_144 })) {
    let buffer = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece]);
    for (let end = buffer.indexOf(LINE_END); end >= 0; end = buffer.indexOf(LINE_END)) {
      const line = buffer.subarray(0, end);
      buffer = buffer.subarray(end + 1);
      at += end + 1;
      if (line.toString('utf8').trim() !== '') yield { row: rowOf(line), end: at };
    }
    rest = buffer;
  }
  if (rest.toString('utf8').trim() !== '') yield { row: rowOf(rest), end: at + rest.length };
}
