import { assertNever } from '../../engine/assert-never.ts';
import { compileExpression } from '../../engine/expression.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import type { HttpRequest } from '../../http/http-client.ts';
import { brokenContract, evaluateOnAnswer, shapeOf } from './broken-contract.ts';
import { csvLines, writeCsv } from './csv.ts';

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
      return { text: writeCsv(objects(records, where)), type: TYPES.csv };
    case 'ndjson':
      return { text: `${records.map((record) => JSON.stringify(record)).join('\n')}\n`, type: TYPES.ndjson };
    case 'json':
      return { json: [...records] };
    default:
      return assertNever(as);
  }
}

const TYPES: Readonly<Record<FileFormat, string>> = { csv: 'text/csv; charset=UTF-8', ndjson: 'application/x-ndjson', json: 'application/json' };

export function typeOfFile(as: FileFormat): string {
  return TYPES[as];
}

/** So many characters leave at once. */
const PIECE = 65_536;

/** Writes records as a file, piece by piece. @throws SyncError CONTRACT_BROKEN where one is no object */
export function* writeFilePieces(as: FileFormat, records: readonly Json[], where: string): Generator<string> {
  let piece = '';
  for (const line of linesOf(as, records, where)) {
    piece += line;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

function* linesOf(as: FileFormat, records: readonly Json[], where: string): Generator<string> {
  if (as === 'csv') return yield* csvLines(objects(records, where));
  for (const [index, record] of records.entries())
    yield as === 'ndjson' ? `${JSON.stringify(record)}\n` : `${index === 0 ? '[' : ',\n'}${JSON.stringify(record)}`;
  if (as === 'json') yield records.length === 0 ? '[]' : ']';
}

function objects(rows: readonly Json[], where: string): readonly JsonObject[] {
  return rows.map((row) => {
    if (!isJsonObject(row)) throw brokenContract(`${where}: one of the records is not an object: ${shapeOf(row)}.`);
    return row;
  });
}
