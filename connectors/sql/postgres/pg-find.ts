import type { JsonObject } from '../../../engine/json.ts';
import type { RowShape } from '../database.ts';
import { quoteName } from '../names.ts';
import { requireColumns } from '../rows.ts';
import { serverError } from './pg-trouble.ts';

type Values = readonly (readonly string[])[];
type Found = readonly (readonly JsonObject[])[];

/** A value that the column cannot hold is in no row; the others are looked for without it. */
export async function findInHalves(values: Values, find: (part: Values) => Promise<Found>): Promise<Found> {
  if (values.length === 0) return [];
  try {
    return await find(values);
  } catch (error) {
    if (!(error instanceof NotOfItsType)) throw error;
    if (values.length === 1) return [[]];
    const middle = Math.ceil(values.length / 2);
    return [...(await findInHalves(values.slice(0, middle), find)), ...(await findInHalves(values.slice(middle), find))];
  }
}

/** Of a statement that finds. */
export function notOfItsType(error: unknown): never {
  throw serverError(error)?.code.startsWith('22') === true ? new NotOfItsType('a value is not of the type of its column') : error;
}

class NotOfItsType extends Error {}

/** The values go to the server in one parameter, which turns them into those of its columns. */
export function findStatement(table: string, shape: RowShape, of: readonly string[], values: Values): { readonly sql: string; readonly given: string } {
  const columns = requireColumns(shape, of, `the table ${table}`);
  const given = `json_to_recordset($1::json) AS x("ord" int${columns.map(({ type }, n) => `, "c${n}" ${type}`).join('')})`;
  const on = columns.map(({ name }, n) => `t.${quoteName(name)} = x."c${n}"`).join(' AND ');
  const all = shape.columns.map(({ name }) => `t.${quoteName(name)}`).join(', ');
  const source = table.startsWith('(') ? table.replace(/ AS "rows"$/, ' AS t') : `${table} AS t`;
  const rows = values.map((parts, ord): JsonObject => ({ ord, ...Object.fromEntries(parts.map((part, n) => [`c${n}`, part])) }));
  return { sql: `SELECT x."ord", ${all} FROM ${given} JOIN ${source} ON ${on}`, given: JSON.stringify(rows) };
}
