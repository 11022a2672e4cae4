import { SyncError } from '../../engine/errors.ts';
import { number, type Row, text } from '../rows/row.ts';
import type { ExportedRow } from '../upkeep-store.ts';
import type { Keeper, KeptValue, Step } from './keeper.ts';
import { asTable, TABLES, type TableName } from './tables.ts';

/** In `facts`, while an import goes on: nobody opens half a ledger. */
export const UNFINISHED_IMPORT = 'import';

/** What there is of such a ledger is of no use. */
export function unfinishedImport(place: string): SyncError {
  return refused(`An import into the ledger ${place} goes on, or was broken off: wait for it, or remove that ledger and import again.`);
}

/** See `UpkeepStore.exportRows`. */
export async function exportRows(keeper: Keeper, name: string, after: ExportedRow | undefined, limit: number): Promise<readonly ExportedRow[]> {
  const table = mustBeTable(name);
  const key = TABLES[table];
  const columns = key.join(', ');
  if (after === undefined) return (await keeper.all(`SELECT * FROM ${table} ORDER BY ${columns} LIMIT ${limit}`)).map(exported);
  const places = key.map((_, n) => `$${n + 1}`).join(', ');
  const rows = await keeper.all(
    `SELECT * FROM ${table} WHERE (${columns}) > (${places}) ORDER BY ${columns} LIMIT ${limit}`,
    ...key.map((column) => after[column] ?? null),
  );
  return rows.map(exported);
}

function exported(row: Row): ExportedRow {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, asValue(value)]));
}

function asValue(value: unknown): KeptValue {
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

/** See `UpkeepStore.beginImport`. */
export async function beginImport(keeper: Keeper, key: string): Promise<void> {
  const [known] = await keeper.all(`SELECT value FROM facts WHERE name = 'key'`);
  if (known !== undefined && text(known, 'value') !== key)
    throw refused(
      'The export was written with another encryption key: give that one (SYNCLINE_ENCRYPTION_KEY, or the file "key" in .syncline) and import into a new ledger.',
    );
  const [counts = {}] = await keeper.all(
    'SELECT (SELECT count(*) FROM runs) AS runs, (SELECT count(*) FROM records) AS records, (SELECT count(*) FROM audit) AS audit',
  );
  if (number(counts, 'runs') + number(counts, 'records') + number(counts, 'audit') > 0)
    throw refused(`The ledger ${keeper.place} is not empty: import into a new one.`);
  await keeper.batch([['INSERT INTO facts (name, value) VALUES ($1, $2)', UNFINISHED_IMPORT, 'unfinished']]);
}

/** See `UpkeepStore.importRows`. */
export async function importRows(keeper: Keeper, name: string, rows: readonly ExportedRow[]): Promise<void> {
  const table = mustBeTable(name);
  const known = new Set(await keeper.columnsOf(table));
  await keeper.batch(rows.map((row) => insert(table, row, known)));
}

function insert(table: TableName, row: ExportedRow, known: ReadonlySet<string>): Step {
  const columns = Object.keys(row);
  const stranger = columns.find((column) => !known.has(column));
  if (stranger !== undefined) throw invalid(`the table ${table} of this Syncline has no column "${stranger}": the export is of a newer one`);
  const names = columns.map((column) => `"${column}"`).join(', ');
  const sql = `INSERT INTO ${table} (${names}) VALUES (${columns.map((_, n) => `$${n + 1}`).join(', ')}) ON CONFLICT DO NOTHING`;
  return [sql, ...columns.map((column) => row[column] ?? null)];
}

/** See `UpkeepStore.endImport`. */
export async function endImport(keeper: Keeper): Promise<void> {
  await keeper.renumber();
  await keeper.batch([['DELETE FROM facts WHERE name = $1', UNFINISHED_IMPORT]]);
}

function mustBeTable(name: string): TableName {
  const table = asTable(name);
  if (table === undefined) throw invalid(`this Syncline has no table "${name}": the export is of a newer one, or no export`);
  return table;
}

function invalid(why: string): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message: `The import cannot go on: ${why}.` });
}

function refused(message: string): SyncError {
  return new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message });
}
