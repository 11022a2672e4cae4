import { assertNever } from '../../engine/assert-never.ts';
import { compileExpression } from '../../engine/expression.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import type { HttpRequest } from '../../http/http-client.ts';
import { brokenContract, evaluateOnAnswer, shapeOf } from './broken-contract.ts';
import { readCsvText, writeCsv } from './csv.ts';

/** How an API takes or gives many records as one text. */
export type FileFormat = 'csv' | 'ndjson' | 'json';

/** Reads the rows of an answer. @param at in JSON: where the list is @throws SyncError CONTRACT_BROKEN */
export function compileRows(as: FileFormat, at: string, where: string): (body: Json) => Promise<readonly JsonObject[]> {
  const list = compileExpression(at);
  return async (body) => {
    switch (as) {
      case 'csv':
        return readCsvText(textOf(body), where);
      case 'ndjson':
        return objects(typeof body === 'string' ? body.split('\n').flatMap((line) => readLine(line, where)) : body === null ? [] : [body], where);
      case 'json': {
        const found = await evaluateOnAnswer(list, body, `${where}.at`);
        if (!isJsonArray(found)) throw brokenContract(`${where}: "${at}" finds no list. The answer has: ${shapeOf(body)}.`);
        return objects(found, where);
      }
      default:
        return assertNever(as);
    }
  };
}

/** What an API is to answer with. */
export function acceptOf(as: FileFormat): Readonly<Record<string, string>> {
  return as === 'csv' ? { accept: 'text/csv' } : {};
}

/** Writes records as the body of one request. */
export function writeFileText(as: FileFormat, records: readonly Json[], where: string): NonNullable<HttpRequest['body']> {
  switch (as) {
    case 'csv':
      return { text: writeCsv(objects(records, where)), type: 'text/csv; charset=UTF-8' };
    case 'ndjson':
      return { text: `${records.map((record) => JSON.stringify(record)).join('\n')}\n`, type: 'application/x-ndjson' };
    case 'json':
      return { json: [...records] };
    default:
      return assertNever(as);
  }
}

/** A CSV that happens to be JSON, too: a header of one name in quotes, or nothing. */
function textOf(body: Json): string {
  if (body === null) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function readLine(line: string, where: string): readonly Json[] {
  if (line.trim() === '') return [];
  try {
    const value: Json = JSON.parse(line);
    return [value];
  } catch {
    throw brokenContract(`${where}: a line of the answer is no JSON.`);
  }
}

function objects(rows: readonly Json[], where: string): readonly JsonObject[] {
  return rows.map((row) => {
    if (!isJsonObject(row)) throw brokenContract(`${where}: one of the records is not an object: ${shapeOf(row)}.`);
    return row;
  });
}
