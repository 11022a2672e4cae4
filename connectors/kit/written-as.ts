import { isJsonObject } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import type { AnswerFormat, CsvDialect } from '../../engine/text-format.ts';
import { writeCsv } from '../rest/csv.ts';
import { writeXml } from '../rest/xml.ts';
import { Untried } from './kit-row.ts';
import type { VendorAnswer } from './mock-vendor.ts';

/** How an endpoint expects its answers. */
interface Written {
  readonly as?: 'json' | AnswerFormat | undefined;
  readonly csv?: CsvDialect | undefined;
  readonly unzip?: string | undefined;
}

/** An answer in the format that the endpoint expects. @throws Untried where what was derived cannot be written like that */
export function writtenAs({ as: format, csv, unzip }: Written, answer: VendorAnswer): VendorAnswer {
  const { body, ...others } = answer;
  if (unzip !== undefined) throw new Untried('the kit packs no archives: test it where there is one.');
  if (format === 'lines' || (format === 'csv' && csv !== undefined))
    throw new Untried(`an answer as ${format} of its own kind is not derivable: give an example.`);
  if (format === undefined || format === 'json' || body === undefined) return answer;
  if (format === 'xml' && !(isJsonObject(body) && Object.keys(body).length === 1))
    throw new Untried('an answer as xml has one root, and none is derivable: give an example.');
  if (format === 'xml') return { ...others, text: writeXml(body, 'the kit'), headers: { 'content-type': 'application/xml', ...others.headers } };
  if (!isJsonArray(body)) throw new Untried(`an answer as ${format} is a list, and none is derivable: give an example.`);
  const text = format === 'csv' ? writeCsv(body.filter((entry) => isJsonObject(entry))) : body.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  return { ...others, text, headers: { 'content-type': format === 'csv' ? 'text/csv' : 'application/x-ndjson', ...others.headers } };
}
