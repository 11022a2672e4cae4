import { compositeKey } from '../../engine/composite-key.ts';
import { SyncError } from '../../engine/errors.ts';
import type { JsonObject } from '../../engine/json.ts';
import { didYouMean } from '../../engine/suggest.ts';
import type { SourceRecord } from '../ports.ts';
import type { Column, RowShape } from './database.ts';
import { invalid } from './sql-trouble.ts';

/** @throws DEFINITION_INVALID where there is no such column; with what was probably meant */
export function requireColumns(shape: RowShape, names: readonly string[], where: string): readonly Column[] {
  return names.map((name) => {
    const column = shape.columns.find((one) => one.name === name);
    if (column !== undefined) return column;
    const known = shape.columns.map((one) => one.name);
    throw invalid(`${where} has no column "${name}"${didYouMean(name, known)}. It has: ${known.join(', ')}.`);
  });
}

/** A statement may name two columns alike, and a record can have only one of them. */
export function refuseTwins(columns: readonly Column[], where: string): void {
  const names = columns.map(({ name }) => name);
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  if (twin !== undefined) throw invalid(`${where} gives two columns named "${twin}": give one of them another name with AS.`);
}

/** @throws CONTRACT_BROKEN where a row has no key, or the one of the row before */
export function recordsOf(rows: readonly JsonObject[], key: readonly string[], where: string): readonly SourceRecord[] {
  let before: string | undefined;
  return rows.map((fields) => {
    const text = compositeKey(key.map((column) => fields[column]));
    if (text === undefined) throw broken(`${where}: a row has no value in its key (${key.join(', ')}).`);
    if (text === before) throw broken(`${where}: two rows have the same key (${key.join(', ')}).`);
    before = text;
    return { key: text, fields };
  });
}

function broken(what: string): SyncError {
  return new SyncError({
    code: 'CONTRACT_BROKEN',
    retry: 'never',
    message: `${what} Name the columns that identify a row in \`key\`, or leave such rows out.`,
  });
}
