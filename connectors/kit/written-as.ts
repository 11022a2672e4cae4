import { isJsonObject } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import { writeCsv } from '../rest/csv.ts';
import { writeXml } from '../rest/xml.ts';
import { Untried } from './kit-row.ts';
import type { VendorAnswer } from './mock-vendor.ts';

type Format = 'json' | 'ndjson' | 'csv' | 'xml';

/** An answer in the format that the endpoint expects. @throws Untried where what was derived cannot be written like that */
export function writtenAs(format: Format | undefined, answer: VendorAnswer): VendorAnswer {
  const { body, ...others } = answer;
  if (format === undefined || format === 'json' || body === undefined) return answer;
  if (format === 'xml' && !(isJsonObject(body) && Object.keys(body).length === 1))
    throw new Untried('an answer as xml has one root, and none is derivable: give an example.');
  if (format === 'xml') return { ...others, text: writeXml(body, 'the kit'), headers: { 'content-type': 'application/xml', ...others.headers } };
  if (!isJsonArray(body)) throw new Untried(`an answer as ${format} is a list, and none is derivable: give an example.`);
  const text = format === 'csv' ? writeCsv(body.filter((entry) => isJsonObject(entry))) : body.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  return { ...others, text, headers: { 'content-type': format === 'csv' ? 'text/csv' : 'application/x-ndjson', ...others.headers } };
}
