import type { SQLInputValue } from 'node:sqlite';
import { number, text } from '../rows/row.ts';
import type { StagedTextChange } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';

const COLUMNS = `run_id, segment, scope, key, kind, state, payload, source, content_hash, match, target_scope, source_version, observed_at, bytes, staged_at, target_id, batch_id`;
const ROW = `(${COLUMNS.replaceAll(/\w+/g, '?')})`;

/** A third quicker than a statement for each; more of them gain nothing. */
const TOGETHER = 25;

/** Left out where the target record is in flight. A failure undoes the whole transaction, or all since its savepoint: so SQLite need not be able to undo this statement alone. */
const insertRows = (rows: number) =>
  `INSERT OR FAIL INTO changes (${COLUMNS}) VALUES ${Array.from({ length: rows }, () => ROW).join(', ')} ON CONFLICT DO NOTHING`;
const INSERT_ONE = insertRows(1);
const INSERT_TOGETHER = insertRows(TOGETHER);

const BETWEEN = 'SELECT id, key FROM changes WHERE id BETWEEN ? AND ?';

/** What the changes of a page have in common. */
export interface ChangesOfPage {
  readonly runId: string;
  readonly segment: number;
  readonly scope: string;
  readonly targetScope: string;
  readonly observedAt: number;
  readonly at: number;
  readonly isSealed: boolean;
}

export interface NewChange {
  readonly record: StagedTextChange;
  /** The batch that takes it, and the target id that it is sent with; absent: it is planned. */
  readonly batch?: { readonly id: string; readonly targetId: string | undefined } | undefined;
}

export interface InsertedChange {
  readonly id: number;
  /** As part of its batch. */
  readonly isSending: boolean;
}

/** Inserts changes of one page, each of another record: as part of its batch, or planned where it has none or its target record is in flight. */
export function insertChanges<Change extends NewChange>(
  database: Database,
  vault: Vault,
  page: ChangesOfPage,
  changes: readonly Change[],
): readonly (Change & InsertedChange)[] {
  const inserted = new Map<string, number>();
  const rows = changes.map((change) => [change.record.key, valuesOf(vault, page, change)] as const);
  let from = 0;
  for (; from + TOGETHER <= rows.length; from += TOGETHER) insertTogether(database, rows.slice(from, from + TOGETHER), inserted);
  for (const row of rows.slice(from)) insertTogether(database, [row], inserted);
  return changes.map((change) => {
    const id = inserted.get(change.record.key);
    if (id !== undefined) return { ...change, id, isSending: change.batch !== undefined };
    const planned = valuesOf(vault, page, { record: change.record });
    return { ...change, id: database.insert(INSERT_ONE, ...planned), isSending: false };
  });
}

type Row = readonly [key: string, values: readonly SQLInputValue[]];

/** Adds the id of each that was inserted: they are given in order, one after the other. */
function insertTogether(database: Database, rows: readonly Row[], inserted: Map<string, number>): void {
  const { changes, last } = database.insertAll(rows.length === 1 ? INSERT_ONE : INSERT_TOGETHER, ...rows.flatMap(([, values]) => values));
  const first = last - changes + 1;
  if (changes === rows.length) for (const [index, [key]] of rows.entries()) inserted.set(key, first + index);
  else if (changes > 0) for (const row of database.all(BETWEEN, first, last)) inserted.set(text(row, 'key'), number(row, 'id'));
}

function valuesOf(vault: Vault, { runId, segment, scope, targetScope, observedAt, at, isSealed }: ChangesOfPage, { record, batch }: NewChange) {
  const { key, change } = record;
  return [
    runId,
    segment,
    scope,
    key,
    change.kind,
    batch === undefined ? 'planned' : 'sending',
    vault.seal(change.payload, isSealed),
    vault.seal(change.sourceText, isSealed),
    change.contentHash,
    vault.fingerprint(change.match),
    targetScope,
    change.sourceVersion ?? null,
    observedAt,
    change.bytes,
    at,
    (batch === undefined ? change.targetId : batch.targetId) ?? null,
    batch?.id ?? null,
  ] as const;
}
