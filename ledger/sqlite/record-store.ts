import type { RecordStore } from '../ledger.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { readHistory } from './record-history.ts';
import { readObject, readRecordRow } from './record-row.ts';
import { groupRejections } from './rejection-groups.ts';
import { number, text } from './row.ts';

export function createRecordStore(database: Database, vault: Vault): RecordStore {
  return {
    readRecords: (scope, keys) =>
      database.read(() => {
        // The diff needs hashes, not values: leaving them out keeps the hot path free of JSON.
        const sql = `SELECT r.key, r.target_id, r.content_hash, r.match, r.source_version, r.last_outcome, r.rejected_hash, r.rejection, r.retry_at, r.has_unknown
          FROM json_each(?) k CROSS JOIN records r ON r.scope = ? AND r.key = k.value`;
        const rows = database.all(sql, JSON.stringify(keys), scope);
        return new Map(rows.map((row) => [text(row, 'key'), readRecordRow(vault, row)]));
      }),
    readHistory: (scope, by) => database.read(() => readHistory(database, vault, scope, by)),
    groupRejections: (scope) => database.read(() => groupRejections(database, scope)),
    listRejected: (scope, page) =>
      database.read(() => {
        const keys = page.keys === undefined ? null : JSON.stringify(page.keys);
        const sql = `SELECT key, rejected_source FROM records WHERE scope = ?1 AND last_outcome = 'rejected' AND rejected_source IS NOT NULL AND key > ?2
          AND (?3 IS NULL OR key IN (SELECT value FROM json_each(?3))) ORDER BY key LIMIT ?4`;
        const rows = database.all(sql, scope, page.afterKey ?? '', keys, page.limit);
        return rows.map((row) => ({ key: text(row, 'key'), source: readObject(vault, text(row, 'rejected_source')) }));
      }),
    countRecords: (scope) =>
      database.read(() => {
        const sql = `SELECT count(*) AS known, coalesce(sum(content_hash IS NOT NULL), 0) AS written, coalesce(sum(last_outcome = 'rejected'), 0) AS rejected,
          coalesce(sum(last_outcome = 'held'), 0) AS held FROM records WHERE scope = ?`;
        const row = database.get(sql, scope) ?? {};
        return { known: number(row, 'known'), written: number(row, 'written'), rejected: number(row, 'rejected'), held: number(row, 'held') };
      }),
    listRunKeys: (scope, runId, limit) =>
      database.read(() =>
        database.all('SELECT key FROM sightings WHERE scope = ? AND last_run = ? ORDER BY key LIMIT ?', scope, runId, limit).map((row) => text(row, 'key')),
      ),
    listRecords: (scope, page) =>
      database.read(() =>
        database
          .all('SELECT * FROM records WHERE scope = ? AND key > ? ORDER BY key LIMIT ?', scope, page.afterKey ?? '', page.limit)
          .map((row) => readRecordRow(vault, row)),
      ),
  };
}
