import { z } from 'zod';
import { SyncError } from '../../engine/errors.ts';
import type { ExportedRow, UpkeepStore } from '../upkeep-store.ts';
import { TABLE_NAMES } from './tables.ts';

const FORMAT = 1;
const PAGE = 1_000;
const valueSchema = z.union([z.string(), z.number(), z.null()]);
const headerSchema = z.object({ syncline: z.literal('ledger'), format: z.number(), key: z.string() });
const lineSchema = z.object({ table: z.string(), row: z.record(z.string(), valueSchema) });
const endSchema = z.object({ end: z.number() });

/** A ledger as lines of JSON: a header, a line for each row, and their count. Nothing is held in memory but a page. Nobody may write to it meanwhile. */
export async function* exportLines(ledger: UpkeepStore): AsyncGenerator<string> {
  const key = (await ledger.exportRows('facts', undefined, PAGE)).find((row) => row['name'] === 'key')?.['value'] ?? '';
  yield JSON.stringify({ syncline: 'ledger', format: FORMAT, key });
  let count = 0;
  for (const table of TABLE_NAMES) {
    for (let after: ExportedRow | undefined, isLast = false; !isLast; ) {
      const rows = await ledger.exportRows(table, after, PAGE);
      for (const row of rows) yield JSON.stringify({ table, row });
      count += rows.length;
      after = rows.at(-1);
      isLast = rows.length < PAGE;
    }
  }
  yield JSON.stringify({ end: count });
}

/**
 * Fills an empty ledger from such lines. @returns rows
 * @throws SyncError DEFINITION_INVALID where they are no export, of a newer Syncline, or cut off; and what `UpkeepStore` throws
 */
export async function importLines(ledger: UpkeepStore, lines: AsyncIterable<string>): Promise<number> {
  let hasBegun = false;
  let end: number | undefined;
  let count = 0;
  let page: { readonly table: string; readonly rows: ExportedRow[] } | undefined;
  const flush = async () => {
    if (page !== undefined) await ledger.importRows(page.table, page.rows);
    page = undefined;
  };
  for await (const line of lines) {
    if (line.trim() === '') continue;
    const value = parse(line);
    if (!hasBegun) {
      await begin(ledger, value);
      hasBegun = true;
      continue;
    }
    const ended = endSchema.safeParse(value);
    if (ended.success) {
      end = ended.data.end;
      break;
    }
    const { table, row } = readLine(value);
    if (page !== undefined && (page.table !== table || page.rows.length >= PAGE)) await flush();
    page ??= { table, rows: [] };
    page.rows.push(row);
    count += 1;
  }
  await flush();
  if (end !== count) throw invalid(hasBegun ? 'the file is cut off: export again, into a new ledger' : 'the file is empty');
  await ledger.endImport();
  return count;
}

async function begin(ledger: UpkeepStore, value: unknown): Promise<void> {
  const header = headerSchema.safeParse(value);
  if (!header.success) throw invalid('the file is no export of a ledger');
  if (header.data.format > FORMAT) throw invalid('the export is of a newer Syncline');
  await ledger.beginImport(header.data.key);
}

function readLine(value: unknown): z.output<typeof lineSchema> {
  const line = lineSchema.safeParse(value);
  if (!line.success) throw invalid('a line of the file is no row');
  return line.data;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw invalid('a line of the file is no JSON');
  }
}

function invalid(why: string): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message: `The import cannot go on: ${why}.` });
}
