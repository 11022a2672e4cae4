import { assertNever } from '../../engine/assert-never.ts';
import { compileExpression } from '../../engine/expression.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import type { HttpRequest } from '../../http/http-client.ts';
import { brokenContract, evaluateOnAnswer, shapeOf } from './broken-contract.ts';
import { writeCsv } from './csv.ts';

/** How an API takes or gives many records as one text. */
export type FileFormat = 'csv' | 'ndjson' | 'json';

/** Reads the rows of an answer. @param at in JSON: where the list is @throws SyncError CONTRACT_BROKEN */
export function compileRows(as: FileFormat, at: string, where: string): (body: Json) => Promise<readonly JsonObject[]> {
  const list = compileExpression(as === 'json' ? at : '$');
  return async (body) => {
    const found = await evaluateOnAnswer(list, body, `${where}.at`);
    if (!isJsonArray(found)) throw brokenContract(`${where}: "${at}" finds no list. The answer has: ${shapeOf(body)}.`);
    return objects(found, where);
  };
}

/** Writes records as the body of one request. @throws SyncError CONTRACT_BROKEN where one is no object */
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

function objects(rows: readonly Json[], where: string): readonly JsonObject[] {
  return rows.map((row) => {
    if (!isJsonObject(row)) throw brokenContract(`${where}: one of the records is not an object: ${shapeOf(row)}.`);
    return row;
  });
}
