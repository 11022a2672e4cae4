import { parse as parseCsv } from 'csv-parse/sync';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import { assertNever } from '../engine/assert-never.ts';
import type { Json } from '../engine/json.ts';
import { type Parsed, parseJson } from '../engine/parse-json.ts';
import type { AnswerFormat, CsvDialect } from '../engine/text-format.ts';
import { splitJson } from './split-json.ts';

/** What an API is asked to answer with. */
export const ACCEPT: Readonly<Record<AnswerFormat, string>> = {
  ndjson: 'application/x-ndjson, application/jsonl, application/json',
  csv: 'text/csv',
  xml: 'application/xml, text/xml',
  lines: 'text/plain',
};

const rowsSchema = z.array(z.record(z.string(), z.string().nullable()));
const treeSchema = z.record(z.string(), z.json());
/** Values stay text: a postcode is no number. Entities that a document declares itself are not expanded one by the other. */
const XML = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '_',
  textNodeName: '_text',
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  removeNSPrefix: true,
  htmlEntities: true,
});

/**
 * Parses an untrusted text: NDJSON to a list of its values, CSV with a header to a list of objects of text, lines to a list of objects with `line`, XML to a tree, where attributes begin with `_`, the
 * text beside them is `_text`, and what repeats is a list.
 */
export function parseFormat(text: string, format: AnswerFormat, dialect?: CsvDialect): Parsed {
  switch (format) {
    case 'ndjson':
      return parseLines(text);
    case 'csv':
      return orNot(() => rowsSchema.parse(parseCsv(text, csvOptions(dialect))));
    case 'xml':
      return orNot(() => (XMLValidator.validate(text) === true ? treeSchema.parse(XML.parse(text)) : undefined));
    case 'lines':
      return { is: 'json', value: linesOf(text).map((line) => ({ line })) };
    default:
      return assertNever(format);
  }
}

/** How csv-parse is told of a dialect. */
export function csvOptions({ delimiter = ',', quote = '"', columns, nulls }: CsvDialect = {}) {
  return {
    bom: true,
    columns: columns === undefined ? true : [...columns],
    delimiter,
    quote,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    ...(nulls === undefined ? {} : { cast: (value: string) => (nulls.includes(value) ? null : value) }),
  };
}

function parseLines(text: string): Parsed {
  const values = linesOf(text).map((line) => parseJson(line.trim()));
  // Not each on a line of its own, perhaps.
  const found = values.every(({ is }) => is === 'json') ? values : (splitJson(text)?.map(parseJson) ?? values);
  const bad = found.find((parsed) => parsed.is !== 'json');
  return bad ?? { is: 'json', value: found.flatMap((parsed) => (parsed.is === 'json' ? [parsed.value] : [])) };
}

/** A byte order mark is no part of the first. */
function linesOf(text: string): readonly string[] {
  const unmarked = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return unmarked.split(/\r?\n/).filter((line) => line.trim() !== '');
}

function orNot(parse: () => Json | undefined): Parsed {
  try {
    const value = parse();
    return value === undefined ? { is: 'not-json' } : { is: 'json', value };
  } catch {
    return { is: 'not-json' };
  }
}
