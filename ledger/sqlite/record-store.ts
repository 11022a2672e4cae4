import type { RecordStore } from '../ledger.ts';
import { readRecordRow } from '../rows/record-row.ts';
import { number, text } from '../rows/row.ts';
import type { Vault } from '../vault.ts';
import { countAwaited, listDueReferences } from './awaited-references.ts';
import type { Database } from './database.ts';
import { readHistory } from './record-history.ts';
import { groupRejections } from './rejection-groups.ts';

const STATES = `
  SELECT r.key, r.target_id, r.content_hash, r.payload, r.source_version, r.last_outcome, r.rejected_hash, r.rejection, r.retry_at, r.has_unknown
  FROM json_each(?) k CROSS JOIN records r ON r.scope = ? AND r.key = k.value`;

/** What may be sent again: nothing whose answer is not known yet. */
const RETRIABLE = `last_outcome IN ('rejected', 'held') AND rejected_source IS NOT NULL AND NOT has_unknown`;

const REFUSED = `
  SELECT key, rejected_source FROM records INDEXED BY records_refused WHERE scope = ?1 AND ${RETRIABLE} AND key > ?2
    AND (?3 IS NULL OR key IN (SELECT value FROM json_each(?3))) AND (?4 IS NULL OR retry_at <= ?4 OR refused_by IS NOT ?5) ORDER BY key LIMIT ?6`;

const COUNTS = `
  SELECT count(*) AS known, coalesce(sum(content_hash IS NOT NULL), 0) AS written, coalesce(sum(last_outcome = 'rejected'), 0) AS rejected,
    coalesce(sum(last_outcome = 'held'), 0) AS held, coalesce(sum(${RETRIABLE}), 0) AS retriable FROM records WHERE scope = ?`;

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
        const refused = rows.map((row) => ({ key: text(row, 'key'), source: vault.readObject(text(row, 'rejected_source')) }));
        if (page.due === undefined) return refused;
        const referring = listDueReferences(database, vault, scope, { afterKey, limit, withHeld: false });
        return referring.length === 0 ? refused : [...refused, ...referring].toSorted((one, other) => (one.key < other.key ? -1 : 1)).slice(0, limit);
      }),
    countRecords: (scope) =>
      database.read(() => {
        const row = database.get(COUNTS, scope) ?? {};
        const of = (name: string) => number(row, name);
        return { known: of('known'), written: of('written'), rejected: of('rejected'), held: of('held'), retriable: of('retriable') };
      }),
    listRunKeys: (scope, runId, limit) =>
      database.read(() => {
        const sql = 'SELECT key FROM sightings WHERE scope = ? AND last_run = ? ORDER BY key LIMIT ?';
        return database.all(sql, scope, runId, limit).map((row) => text(row, 'key'));
      }),
    listRecords: (scope, page) =>
      database.read(() => {
        const sql = 'SELECT * FROM records WHERE scope = ? AND key > ? ORDER BY key LIMIT ?';
        return database.all(sql, scope, page.afterKey ?? '', page.limit).map((row) => ({ ...readRecordRow(vault, row), isCreated: row['is_created'] === 1 }));
      }),
  };
}
