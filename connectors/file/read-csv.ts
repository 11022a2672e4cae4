import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { z } from 'zod';
import type { FileRule } from '../../definition/schema/file.ts';
import type { JsonObject } from '../../engine/json.ts';
import { endsLinesByReturn } from './file-head.ts';
import { brokenFile, type FilePart, type PartRequest, shortPart } from './file-part.ts';

const MAX_RECORD_BYTES = 16_000_000;
/** What is read behind the end of a page is read again for the next. */
const CHUNK_BYTES = 16_384;
const recordSchema = z.object({ record: z.array(z.string().nullable()), info: z.object({ bytes: z.number(), lines: z.number() }) });

/** A page of a CSV file, from a byte on: RFC 4180, with the separators of the definition. Reads no more of the file than it needs. */
export async function readCsv(rule: FileRule, { path, file, place, limit, signal, where }: PartRequest): Promise<FilePart> {
  const encoding = rule.encoding ?? 'utf-8';
  const quote = rule.quote ?? '"';
  const input = createReadStream(path, { start: place.at, signal, highWaterMark: CHUNK_BYTES });
  const parser = parse({
    info: true,
    bom: place.at === 0,
    encoding: encoding === 'latin1' ? 'latin1' : 'utf8',
    delimiter: rule.delimiter ?? ',',
    quote,
    record_delimiter: endsLinesByReturn(path, quote) ? ['\r'] : ['\r\n', '\n'],
    // A quote inside of a plain value is one; a row of another length is told of, not padded.
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_BYTES,
    cast: (value, { quoting }) => ((value === '' && !quoting && rule.emptyIsNull !== false) || rule.nulls?.includes(value) === true ? null : value),
  });
  input.on('error', (error) => parser.destroy(error));
  const part = shortPart();
  let columns = place.columns ?? rule.columns;
  let line = place.line;
  try {
    for await (const row of input.pipe(parser)) {
      const { record, info } = recordSchema.parse(row);
      [part.at, line] = [place.at + info.bytes, place.line + info.lines];
      if (columns === undefined) columns = headerOf(record, file, where);
      else if (record.length !== columns.length)
        part.unreadable.push({
          key: `${file}:${line}`,
          message: `${file}, line ${line}: it has ${record.length === 1 ? '1 value' : `${record.length} values`} for ${columns.length} columns`,
          content: JSON.stringify(record),
        });
      else part.rows.push({ fields: fieldsOf(record, columns), line });
      if (part.rows.length + part.unreadable.length >= limit) return { ...part, line, columns, isLast: false };
    }
    return { ...part, line, ...(columns === undefined ? {} : { columns }), isLast: true };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const isOpen = error.code === 'CSV_QUOTE_NOT_CLOSED';
    const what = isOpen
      ? 'a quote is opened and never closed.'
      : `a record is larger than ${MAX_RECORD_BYTES / 1_000_000} MB: is a quote opened and never closed?`;
    throw brokenFile(`${where}: ${file}, after line ${line}: ${what} Nothing behind it can be told apart.`);
  } finally {
    input.destroy();
    parser.destroy();
  }
}

/** A column without a name is passed over. @throws CONTRACT_BROKEN where two have the same */
function headerOf(names: readonly (string | null)[], file: string, where: string): (string | null)[] {
  const header = names.map((name) => (name === null || name.trim() === '' ? null : name.trim()));
  const twin = header.find((name, index) => name !== null && header.indexOf(name) !== index);
  if (twin !== undefined)
    throw brokenFile(`${where}: two columns of ${file} are named "${twin}". Rename one in the file, or name all in \`columns\` and leave out its first line.`);
  return header;
}

function fieldsOf(record: readonly (string | null)[], columns: readonly (string | null)[]): JsonObject {
  const entries = columns.flatMap((name, index) => (name === null || name === '__proto__' ? [] : [[name, record[index] ?? null] as const]));
  return Object.fromEntries(entries);
}
