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
  SELECT key, target_id, content_hash, payload, source_version, last_outcome, rejected_hash, rejection, retry_at, has_unknown
  FROM records WHERE scope = $1 AND key = ANY($2::text[])`;

/** What may be sent again: nothing whose answer is not known yet. */
const RETRIABLE = `last_outcome IN ('rejected', 'held') AND has_unknown = 0`;

const REFUSED = `
  SELECT key, rejected_source FROM records WHERE scope = $1 AND ${RETRIABLE} AND key > $2
    AND ($3::text[] IS NULL OR key = ANY($3::text[])) AND ($4::bigint IS NULL OR retry_at <= $4 OR refused_by IS DISTINCT FROM $5) ORDER BY key LIMIT $6`;

/** Keys alone, and what is refused or held: no look into the rows of all others. */
const COUNTS = `
  SELECT (SELECT count(*) FROM records WHERE scope = $1) AS known, count(*) FILTER (WHERE last_outcome = 'rejected') AS rejected,
    count(*) FILTER (WHERE last_outcome = 'held') AS held, count(*) FILTER (WHERE has_unknown = 0) AS retriable
  FROM records WHERE scope = $1 AND last_outcome IN ('rejected', 'held')`;

const SHARED = `
  SELECT ${targetRefOf('r')} AS ref, max(r.target_id) AS target_id, (array_agg(r.payload ORDER BY r.observed_at DESC, r.key))[1] AS payload,
    json_agg(r.key ORDER BY r.observed_at DESC, r.key)::text AS keys
  FROM records r WHERE r.scope = $1 AND r.content_hash IS NOT NULL AND ${targetRefOf('r')} > $2 GROUP BY r.target_scope, 1 HAVING count(*) > 1 ORDER BY 1 LIMIT $3`;

export function createRecordStore(database: Database, vault: Vault): RecordStore {
  return {
    readRecords: async (scope, keys) => new Map((await database.all(STATES, scope, keys)).map((row) => [text(row, 'key'), readRecordRow(vault, row)])),
    readHistory: (scope, by) => readHistory(database, vault, scope, by),
    groupRejections: (scope) => groupRejections(database, vault, scope),
    countAwaited: (scope) => countAwaited(database, scope),
    listRejected: async (scope, page) => {
      const { limit, afterKey = '' } = page;
      if (page.references === true) return listDueReferences(database, vault, scope, { afterKey, limit, withHeld: true });
      const { at = null, mappingHash = null } = page.due ?? {};
      const rows = await database.all(REFUSED, scope, afterKey, page.keys ?? null, at, mappingHash, limit);
      const refused = rows.map((row) => readRefusedRecord(vault, row));
      if (page.due === undefined) return refused;
      const referring = await listDueReferences(database, vault, scope, { afterKey, limit, withHeld: false });
      return referring.length === 0 ? refused : [...refused, ...referring].toSorted((one, other) => (one.key < other.key ? -1 : 1)).slice(0, limit);
    },
    countRecords: async (scope) => {
      const row = (await database.get(COUNTS, scope)) ?? {};
      const of = (name: string) => number(row, name);
      return { known: of('known'), rejected: of('rejected'), held: of('held'), retriable: of('retriable') };
    },
    listRunKeys: async (scope, runId, limit) => {
      const sql = 'SELECT key FROM sightings WHERE scope = $1 AND last_run = $2 ORDER BY key LIMIT $3';
      return (await database.all(sql, scope, runId, limit)).map((row) => text(row, 'key'));
    },
    listShared: async (scope, { afterRef = '', limit }) =>
      (await database.all(SHARED, scope, afterRef, limit)).map((row) => readSharedTarget(vault, row, keysSchema.parse(json(row, 'keys')))),
    listRecords: async (scope, page) => {
      const sql = 'SELECT * FROM records WHERE scope = $1 AND key > $2 ORDER BY key LIMIT $3';
      const rows = await database.all(sql, scope, page.afterKey ?? '', page.limit);
      return rows.map((row) => ({ ...readRecordRow(vault, row), isCreated: row['is_created'] === 1 }));
    },
  };
}
