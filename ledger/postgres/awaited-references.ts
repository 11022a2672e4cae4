import type { JsonObject } from '../../engine/json.ts';
import type { AwaitedReferences, ReferenceCounts } from '../ledger.ts';
import { number, text } from '../rows/row.ts';
import type { StagedTextRecord } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import type { Session } from './session.ts';

export interface StagedReferences {
  readonly scope: string;
  /** What was staged last for each key. */
  readonly records: ReadonlyMap<string, StagedTextRecord>;
  readonly isSealed: boolean;
}

const END = `
  DELETE FROM awaited_references WHERE scope = $1 AND key = ANY($2::text[]) AND (content_hash IS NULL OR key = ANY($3::text[]))`;

const WAIT = `
  INSERT INTO awaited_references (scope, key, ref_scope, ref_key, content_hash, source)
  SELECT DISTINCT ON (a.key, a.ref_scope, a.ref_key) $1, a.* FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS a(key, ref_scope, ref_key, content_hash, source)
  ON CONFLICT (scope, key, ref_scope, ref_key) DO UPDATE SET content_hash = excluded.content_hash, source = excluded.source`;

/**
 * Keeps what the records of a page wait for. A record that a change is staged for goes on waiting until the target is told of that: its row is known by the content told
 * before, so that a change that is never sent loses nothing.
 */
export async function noteAwaited(session: Session, vault: Vault, { scope, records, isSealed }: StagedReferences): Promise<void> {
  const waiting = [...records.values()].filter(({ awaits }) => awaits !== undefined);
  if (waiting.length === 0 && (await session.get('SELECT 1 FROM awaited_references WHERE scope = $1 LIMIT 1', scope)) === undefined) return;
  const ended = [...records.values()].filter(({ awaits, disposition }) => awaits !== undefined || disposition !== 'change');
  await session.run(
    END,
    scope,
    [...records.keys()],
    ended.map(({ key }) => key),
  );
  const rows = waiting.flatMap(({ key, awaits }) => {
    if (awaits === undefined) return [];
    const { references, contentHash, source } = awaits;
    const sealed = contentHash === undefined ? null : vault.write(source, isSealed);
    return references.map((reference) => ({ key, reference, contentHash: contentHash ?? null, sealed }));
  });
  if (rows.length === 0) return;
  await session.run(
    WAIT,
    scope,
    rows.map(({ key }) => key),
    rows.map(({ reference }) => reference.scope),
    rows.map(({ reference }) => reference.key),
    rows.map(({ contentHash }) => contentHash),
    rows.map(({ sealed }) => sealed),
  );
}

/** Whether the record is still as it was when it was found to lack the reference. */
const IS_WAITING = `
  CASE WHEN a.content_hash IS NULL THEN r.last_outcome = 'held' ELSE r.content_hash = a.content_hash AND r.last_outcome NOT IN ('rejected', 'held') END`;

/** One row a key: of a record that was written, one reference that is there is worth a write; a held one needs all of them. */
const WAITING = `
  SELECT a.key AS key, coalesce(max(a.source), max(r.rejected_source)) AS source, max(a.content_hash) IS NULL AS is_held,
    CASE WHEN max(a.content_hash) IS NULL THEN count(t.key) = count(*) ELSE count(t.key) > 0 END AS is_due
  FROM awaited_references a CROSS JOIN LATERAL (SELECT * FROM records WHERE scope = a.scope AND key = a.key OFFSET 0) r
    LEFT JOIN LATERAL (SELECT key FROM records WHERE scope = a.ref_scope AND key = a.ref_key AND target_id IS NOT NULL OFFSET 0) t ON true
  WHERE a.scope = $1 AND a.key > $2 AND r.has_unknown = 0 AND ${IS_WAITING}
  GROUP BY a.key`;

const DUE = `SELECT key, source FROM (${WAITING}) AS waiting WHERE is_due AND ($3 OR NOT is_held) ORDER BY key LIMIT $4`;
const COUNTS = `SELECT count(*) FILTER (WHERE is_due) AS due, count(*) AS waiting FROM (${WAITING}) AS waiting`;

export interface DuePage {
  readonly afterKey: string;
  readonly limit: number;
  /** Also records that are held; else only those that were written without. */
  readonly withHeld: boolean;
}

/** Records whose references are there by now, in key order. */
export async function listDueReferences(
  session: Session,
  vault: Vault,
  scope: string,
  { afterKey, limit, withHeld }: DuePage,
): Promise<readonly { readonly key: string; readonly source: JsonObject }[]> {
  const rows = await session.all(DUE, scope, afterKey, withHeld, limit);
  return rows.map((row) => ({ key: text(row, 'key'), source: vault.readObject(text(row, 'source')) }));
}

const OF_RECORD = `
  SELECT a.ref_scope, a.ref_key FROM awaited_references a JOIN records r ON r.scope = a.scope AND r.key = a.key
  WHERE a.scope = $1 AND a.key = $2 AND ${IS_WAITING} ORDER BY a.ref_scope, a.ref_key`;

/** What one record waits for. */
export async function listAwaited(session: Session, scope: string, key: string): Promise<AwaitedReferences['references']> {
  return (await session.all(OF_RECORD, scope, key)).map((row) => ({ scope: text(row, 'ref_scope'), key: text(row, 'ref_key') }));
}

export async function countAwaited(session: Session, scope: string): Promise<ReferenceCounts> {
  const row = (await session.get(COUNTS, scope, '')) ?? {};
  const due = number(row, 'due');
  return { due, open: number(row, 'waiting') - due };
}
