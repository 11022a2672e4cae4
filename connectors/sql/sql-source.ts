import type { QueryRule, TableRule } from '../../definition/schema/table.ts';
import { keyParts } from '../../engine/composite-key.ts';
import { SyncError } from '../../engine/errors.ts';
import type { Json } from '../../engine/json.ts';
import { didYouMean } from '../../engine/suggest.ts';
import type { Page, Permit, RequestObserver, Source, SourceRecord } from '../ports.ts';
import { remembered } from '../remembered.ts';
import { timed } from '../timed.ts';
import type { Database, RowShape } from './database.ts';
import { keysetStatement, orderOf, type RowCursor, readRowCursor, refuseUnsorted } from './keyset.ts';
import { quoteName, quoteTable } from './names.ts';
import { recordsOf, refuseTwins, requireColumns } from './rows.ts';
import { invalid } from './sql-trouble.ts';

const DEFAULT_ROWS = 1_000;
/** A page of rows that came to more is followed by a smaller one. */
const MOST_PAGE_BYTES = 8_000_000;

export interface SqlSourceOptions {
  readonly database: Database;
  readonly connection: string;
  readonly objectName: string;
  readonly rule: { readonly table: TableRule } | { readonly query: QueryRule };
  readonly orderedBy: string | undefined;
  readonly observer: RequestObserver | undefined;
}

interface Readable {
  readonly from: string;
  readonly shape: RowShape;
  readonly key: readonly string[];
}

/** Reads the rows of a table or of a statement, a page at a time, by keyset. Keeps nothing between pages but what the rows look like. */
export function openSqlSource(options: SqlSourceOptions): Source {
  const { database, orderedBy, rule } = options;
  const where = `${options.connection}.${options.objectName}`;
  const most = ('table' in rule ? rule.table.pageRows : rule.query.pageRows) ?? DEFAULT_ROWS;
  const describe = remembered(() => describeRows(options, where));

  const readPage: Source['readPage'] = ({ window, slice, cursor, signal }) =>
    timed(options, 'SELECT', async () => {
      const readable = await describe();
      const before = readRowCursor(cursor);
      if (before === undefined) await refuseKeyless(database, readable, where, signal);
      const limit = before?.rows ?? most;
      const keyset = { ...readable, orderedBy, placeholder: database.placeholder };
      const { columns } = readable.shape;
      const read = await database.read({ ...keysetStatement(keyset, window, before, limit), columns }, where, signal);
      // Slices meet each row in one of them, however their bounds are compared.
      if (orderedBy !== undefined && slice === undefined) refuseUnsorted(orderedBy, read.rows, window, where);
      const next = read.rows.length < limit ? undefined : placeAfter(read, orderOf(keyset, window), limit, most, where);
      return {
        records: recordsOf(read.rows, readable.key, where),
        next,
        observedAt: read.observedAt,
        bytes: read.bytes,
        ...(read.serverTime === undefined ? {} : { serverTime: read.serverTime }),
      } satisfies Page;
    });

  const readOne = (key: string, signal?: AbortSignal): Promise<SourceRecord | undefined> =>
    timed(options, 'SELECT', async () => {
      const readable = await describe();
      const parts = keyParts(key, readable.key.length);
      if (parts === undefined) return undefined;
      const [rows = []] = await database.find(readable.from, readable.shape, readable.key, [parts], where, signal);
      return recordsOf(rows.slice(0, 1), readable.key, where)[0];
    });

  return { readPage, readOne };
}

/** @throws DEFINITION_INVALID where there is no such table or column, or nothing identifies a row */
async function describeRows({ database, rule, orderedBy }: SqlSourceOptions, where: string): Promise<Readable> {
  const isTable = 'table' in rule;
  const shape = isTable ? await database.describeTable(rule.table.name) : await database.describeQuery(statementOf(rule.query), where);
  if (shape === undefined) throw await noTable(database, isTable ? rule.table.name : '', where);
  const key = (isTable ? rule.table.key : rule.query.key) ?? shape.key;
  if (key.length === 0) throw invalid(`${where} has no primary key: name the columns that identify a row, for example table: { name: …, key: id }.`);
  const of = isTable ? `${where}: the table ${rule.table.name}` : `${where}: the answer of its statement`;
  refuseTwins(shape.columns, of);
  requireColumns(shape, [...key, ...(orderedBy === undefined ? [] : [orderedBy])], of);
  // The line break ends a comment that the statement may end with.
  return { from: isTable ? quoteTable(rule.table.name) : `(${statementOf(rule.query)}\n) AS "rows"`, shape, key };
}

export async function noTable(database: Database, name: string, where: string, permit?: Permit): Promise<SyncError> {
  const known = await database.listTables(permit);
  const hint = didYouMean(name, known);
  return invalid(
    `${where}: there is no table ${name} at ${database.address}${hint}.${hint === '' ? ' Write its schema, too, where it is not the usual one.' : ''}`,
  );
}

/** No place in an order has rows without a key: they would be left out, and nobody told. */
async function refuseKeyless(database: Database, { from, shape, key }: Readable, where: string, signal: AbortSignal | undefined): Promise<void> {
  const columns = requireColumns(shape, key, where);
  const open = columns.filter(({ isRequired }) => !isRequired);
  if (open.length === 0) return;
  const sql = `SELECT 1 AS "found" FROM ${from} WHERE ${open.map(({ name }) => `${quoteName(name)} IS NULL`).join(' OR ')} LIMIT 1`;
  const found = await database.read({ sql, values: [], columns: [{ name: 'found', type: '', isRequired: true, read: () => 1 }] }, where, signal);
  if (found.rows.length === 0) return;
  const message = `${where}: a row has no value in its key (${key.join(', ')}). Name the columns that identify a row in \`key\`, or leave such rows out.`;
  throw new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message });
}

function placeAfter(
  { rows, bytes }: { readonly rows: readonly { readonly [name: string]: Json }[]; readonly bytes: number },
  order: readonly string[],
  limit: number,
  most: number,
  where: string,
): RowCursor {
  const last = rows.at(-1) ?? {};
  const after = order.map((column) => {
    const value = last[column];
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
    throw invalid(`${where}: rows cannot be read in the order of "${column}", which is no number, text or time.`);
  });
  const fitting = bytes > MOST_PAGE_BYTES ? Math.floor((limit * MOST_PAGE_BYTES) / bytes) : bytes < MOST_PAGE_BYTES / 4 ? limit * 2 : limit;
  return { after, rows: Math.max(1, Math.min(most, fitting)) };
}

function statementOf({ select }: QueryRule): string {
  return select.trim().replace(/;+$/, '');
}
