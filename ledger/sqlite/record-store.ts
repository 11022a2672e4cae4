import { z } from 'zod';
import type { RecordStore } from '../ledger.ts';
import { readRecordRow } from '../rows/record-row.ts';
import { readRefusedRecord } from '../rows/refused-record.ts';
import { json, number, text } from '../rows/row.ts';
import { readSharedTarget } from '../rows/shared-target-row.ts';
import { targetRefOf } from '../rows/target-ref.ts';
import type { Vault } from '../vault.ts';
import { countAwaited, listDueReferences } from './awaited-references.ts';
import type { Database } from './database.ts';
import { readHistory } from './record-history.ts';
import { groupRejections } from './rejection-groups.ts';

const keysSchema = z.array(z.string());

const STATES = `
  SELECT r.key, r.target_id, r.content_hash, r.payload, r.source_version, r.last_outcome, r.rejected_hash, r.rejection, r.retry_at, r.has_unknown
  FROM json_each(?) k CROSS JOIN records r ON r.scope = ? AND r.key = k.value`;

/** What may be sent again: nothing whose answer is not known yet. */
const RETRIABLE = `last_outcome IN ('rejected', 'held') AND NOT has_unknown`;

const REFUSED = `
  SELECT key, rejected_source FROM records INDEXED BY records_refused WHERE scope = ?1 AND ${RETRIABLE} AND key > ?2
    AND (?3 IS NULL OR key IN (SELECT value FROM json_each(?3))) AND (?4 IS NULL OR retry_at <= ?4 OR refused_by IS NOT ?5) ORDER BY key LIMIT ?6`;

/** Keys alone, and what is refused or held: no look into the rows of all others. */
const COUNTS = `
  SELECT (SELECT count(*) FROM records WHERE scope = ?1) AS known, coalesce(sum(last_outcome = 'rejected'), 0) AS rejected, coalesce(sum(last_outcome = 'held'), 0) AS held,
    coalesce(sum(NOT has_unknown), 0) AS retriable FROM records INDEXED BY records_refused WHERE scope = ?1 AND last_outcome IN ('rejected', 'held')`;

const SHARED = `
  SELECT ${targetRefOf('r')} AS ref, r.target_id, r.payload, max(r.observed_at) AS told_at, json_group_array(r.key ORDER BY r.observed_at DESC, r.key) AS keys
  FROM records r WHERE r.scope = ?1 AND r.content_hash IS NOT NULL AND ${targetRefOf('r')} > ?2 GROUP BY r.target_scope, 1 HAVING count(*) > 1 ORDER BY 1 LIMIT ?3`;

export function createRecordStore(database: Database, vault: Vault): RecordStore {
  return {
    readRecords: (scope, keys) =>
      database.read(() => new Map(database.all(STATES, JSON.stringify(keys), scope).map((row) => [text(row, 'key'), readRecordRow(vault, row)]))),
    readHistory: (scope, by) => database.read(() => readHistory(database, vault, scope, by)),
    groupRejections: (scope) => groupRejections(database, vault, scope),
    countAwaited: (scope) => database.read(() => countAwaited(database, scope)),
    listRejected: (scope, page) =>
      database.read(() => {
        const { limit, afterKey = '' } = page;
        if (page.references === true) return listDueReferences(database, vault, scope, { afterKey, limit, withHeld: true });
        const keys = page.keys === undefined ? null : JSON.stringify(page.keys);
        const { at = null, mappingHash = null } = page.due ?? {};
        const rows = database.all(REFUSED, scope, afterKey, keys, at, mappingHash, limit);
        const refused = rows.map((row) => readRefusedRecord(vault, row));
        if (page.due === undefined) return refused;
        const referring = listDueReferences(database, vault, scope, { afterKey, limit, withHeld: false });
        return referring.length === 0 ? refused : [...refused, ...referring].toSorted((one, other) => (one.key < other.key ? -1 : 1)).slice(0, limit);
      }),
    countRecords: (scope) =>
      database.read(() => {
        const row = database.get(COUNTS, scope) ?? {};
        const of = (name: string) => number(row, name);
        return { known: of('known'), rejected: of('rejected'), held: of('held'), retriable: of('retriable') };
      }),
    listRunKeys: (scope, runId, limit) =>
      database.read(() => {
        const sql = 'SELECT key FROM sightings WHERE scope = ? AND last_run = ? ORDER BY key LIMIT ?';
        return database.all(sql, scope, runId, limit).map((row) => text(row, 'key'));
      }),
    listShared: (scope, { afterRef = '', limit }) =>
      database.read(() => database.all(SHARED, scope, afterRef, limit).map((row) => readSharedTarget(vault, row, keysSchema.parse(json(row, 'keys'))))),
    listRecords: (scope, page) =>
      database.read(() => {
        const sql = 'SELECT * FROM records WHERE scope = ? AND key > ? ORDER BY key LIMIT ?';
        return database.all(sql, scope, page.afterKey ?? '', page.limit).map((row) => ({ ...readRecordRow(vault, row), isCreated: row['is_created'] === 1 }));
      }),
  };
}
