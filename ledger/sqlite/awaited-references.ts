import type { JsonObject } from '../../engine/json.ts';
import type { AwaitedReferences, ReferenceCounts } from '../ledger.ts';
import { number, text } from '../rows/row.ts';
import type { StagedTextRecord } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';

export interface StagedReferences {
  readonly scope: string;
  /** What was staged last for each key. */
  readonly records: ReadonlyMap<string, StagedTextRecord>;
  readonly isSealed: boolean;
}

/**
 * Keeps what the records of a page wait for. A record that a change is staged for goes on waiting until the target is told of that: its row is known by the content told
 * before, so that a change that is never sent loses nothing.
 */
export function noteAwaited(database: Database, vault: Vault, { scope, records, isSealed }: StagedReferences): void {
  const waiting = [...records.values()].filter(({ awaits }) => awaits !== undefined);
  if (waiting.length === 0 && database.get('SELECT 1 FROM awaited_references WHERE scope = ? LIMIT 1', scope) === undefined) return;
  const ended = [...records.values()].filter(({ awaits, disposition }) => awaits !== undefined || disposition !== 'change');
  const keys = JSON.stringify([...records.keys()]);
  const endedKeys = JSON.stringify(ended.map(({ key }) => key));
  database.run(`DELETE FROM awaited_references WHERE scope = ? AND key IN (SELECT value FROM json_each(?)) AND content_hash IS NULL`, scope, keys);
  database.run(`DELETE FROM awaited_references WHERE scope = ? AND key IN (SELECT value FROM json_each(?))`, scope, endedKeys);
  for (const { key, awaits } of waiting) {
    if (awaits === undefined) continue;
    const { references, contentHash, source } = awaits;
    const sealed = contentHash === undefined ? null : vault.write(source, isSealed);
    const sql = 'INSERT OR REPLACE INTO awaited_references (scope, key, ref_scope, ref_key, content_hash, source) VALUES (?, ?, ?, ?, ?, ?)';
    for (const reference of references) database.run(sql, scope, key, reference.scope, reference.key, contentHash ?? null, sealed);
  }
}

/** Whether the record is still as it was when it was found to lack the reference. */
const IS_WAITING = `
  CASE WHEN a.content_hash IS NULL THEN r.last_outcome = 'held' ELSE r.content_hash = a.content_hash AND r.last_outcome NOT IN ('rejected', 'held') END`;

/** One row a key: of a record that was written, one reference that is there is worth a write; a held one needs all of them. */
const WAITING = `
  SELECT a.key AS key, coalesce(max(a.source), r.rejected_source) AS source, max(a.content_hash) IS NULL AS is_held,
    CASE WHEN max(a.content_hash) IS NULL THEN count(t.key) = count(*) ELSE count(t.key) > 0 END AS is_due
  FROM awaited_references a JOIN records r ON r.scope = a.scope AND r.key = a.key
    LEFT JOIN records t ON t.scope = a.ref_scope AND t.key = a.ref_key AND t.target_id IS NOT NULL
  WHERE a.scope = ?1 AND a.key > ?2 AND NOT r.has_unknown AND ${IS_WAITING}
  GROUP BY a.key`;

const DUE = `SELECT key, source FROM (${WAITING}) WHERE is_due AND (?3 OR NOT is_held) ORDER BY key LIMIT ?4`;
const COUNTS = `SELECT coalesce(sum(is_due), 0) AS due, count(*) AS waiting FROM (${WAITING})`;

export interface DuePage {
  readonly afterKey: string;
  readonly limit: number;
  /** Also records that are held; else only those that were written without. */
  readonly withHeld: boolean;
}

/** Records whose references are there by now, in key order. */
export function listDueReferences(
  database: Database,
  vault: Vault,
  scope: string,
  { afterKey, limit, withHeld }: DuePage,
): readonly { readonly key: string; readonly source: JsonObject }[] {
  return database.all(DUE, scope, afterKey, withHeld ? 1 : 0, limit).map((row) => ({ key: text(row, 'key'), source: vault.readObject(text(row, 'source')) }));
}

const OF_RECORD = `
  SELECT a.ref_scope, a.ref_key FROM awaited_references a JOIN records r ON r.scope = a.scope AND r.key = a.key
  WHERE a.scope = ? AND a.key = ? AND ${IS_WAITING}`;

/** What one record waits for. */
export function listAwaited(database: Database, scope: string, key: string): AwaitedReferences['references'] {
  return database.all(OF_RECORD, scope, key).map((row) => ({ scope: text(row, 'ref_scope'), key: text(row, 'ref_key') }));
}

export function countAwaited(database: Database, scope: string): ReferenceCounts {
  const row = database.get(COUNTS, scope, '') ?? {};
  const due = number(row, 'due');
  return { due, open: number(row, 'waiting') - due };
}
