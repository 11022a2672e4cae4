import { parse as parseCsv } from 'csv-parse/sync';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import { assertNever } from '../engine/assert-never.ts';
import type { Json } from '../engine/json.ts';
import type { TextFormat } from '../engine/text-format.ts';
import { type Parsed, parseJson } from './parse-json.ts';

/** What an API is asked to answer with. */
export const ACCEPT: Readonly<Record<TextFormat, string>> = {
  ndjson: 'application/x-ndjson, application/jsonl, application/json',
  csv: 'text/csv',
  xml: 'application/xml, text/xml',
};

const rowsSchema = z.array(z.record(z.string(), z.string()));
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
 * Parses an untrusted text: NDJSON to a list of its lines, CSV with a header to a list of objects of text, XML to a tree, where attributes begin with `_`, the text beside them is `_text`, and what
 * repeats is a list.
 */
export function parseFormat(text: string, format: TextFormat): Parsed {
  switch (format) {
    case 'ndjson':
      return parseLines(text);
    case 'csv':
      return orNot(() => rowsSchema.parse(parseCsv(text, { bom: true, columns: true, skip_empty_lines: true, record_delimiter: ['\r\n', '\n', '\r'] })));
    case 'xml':
      return orNot(() => (XMLValidator.validate(text) === true ? treeSchema.parse(XML.parse(text)) : undefined));
    default:
      return assertNever(format);
  }
}

function parseLines(text: string): Parsed {
  const values: Json[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const parsed = parseJson(line.trim());
    if (parsed.is !== 'json') return parsed;
    values.push(parsed.value);
  }
  return { is: 'json', value: values };
}

function orNot(parse: () => Json | undefined): Parsed {
  try {
    const value = parse();
    return value === undefined ? { is: 'not-json' } : { is: 'json', value };
  } catch {
    return { is: 'not-json' };
  }
}
