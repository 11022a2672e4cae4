import { number, optionalText, type Row, text } from '../rows/row.ts';
import { ARCHIVED, DELETED } from '../rows/taken-content.ts';
import { readUnknownWrite, wordsOfResolution } from '../rows/unknown-write.ts';
import type { UnknownResolution, UnknownStore } from '../unknown-store.ts';
import { isSealed, type Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { clearRefusal } from './refusals.ts';
import { noteTaken } from './settle-delete.ts';

/** Records with a write that is held because its answer was lost, that write, and its last request. What was held for its sake, and never sent, is none. */
const HELD = `
  FROM records r INDEXED BY records_unknown
    JOIN changes c ON c.id = (SELECT h.id FROM changes h LEFT JOIN batches b ON b.id = h.batch_id
      WHERE h.scope = r.scope AND h.key = r.key AND h.outcome = 'held' AND h.hold_reason = 'unknown' AND h.batch_id IS NOT NULL
      ORDER BY b.claimed_at DESC, h.id DESC LIMIT 1)
    LEFT JOIN attempts a ON a.batch_id = c.batch_id AND a.n = (SELECT max(n) FROM attempts WHERE batch_id = c.batch_id)
  WHERE r.scope = ?1 AND r.has_unknown
    AND NOT EXISTS (SELECT 1 FROM changes o INDEXED BY in_flight_by_key WHERE o.scope = r.scope AND o.key = r.key AND o.state = 'sending')`;

const LIST = `SELECT r.key, c.run_id, c.note, a.sent_at, a.method, a.path, a.status, a.failure ${HELD} AND r.key > ?2 ORDER BY r.key LIMIT ?3`;

/** `newer_outcome`: of a newer word on the record, mostly content that is held for the sake of that write. It stays. */
const FIND = `
  SELECT c.id, c.run_id, c.payload, c.content_hash, (
    SELECT r.last_outcome FROM sightings s WHERE s.scope = r.scope AND s.key = r.key AND CASE WHEN c.content_hash IN ('${DELETED}', '${ARCHIVED}')
      THEN s.last_seen_at > c.staged_at AND r.rejected_source IS NOT NULL
      ELSE s.change_id IS NOT c.id AND (r.last_outcome IS NOT 'held' OR r.rejected_source IS NOT NULL) END) AS newer_outcome
  ${HELD} AND r.key = ?2`;

const TELL = `
  UPDATE records SET target_scope = c.target_scope, target_id = coalesce(?2, records.target_id, c.target_id), content_hash = c.content_hash, told_by = c.kind, match = c.match,
    payload = c.payload, source_version = c.source_version, observed_at = c.observed_at, last_outcome = 'written', has_unknown = 0
  FROM changes c WHERE c.id = ?1 AND records.scope = c.scope AND records.key = c.key`;

/** What is still to be written is kept with the hold. */
const DENY = `UPDATE records SET has_unknown = 0, retry_at = CASE WHEN last_outcome = 'held' THEN ?3 ELSE retry_at END WHERE scope = ?1 AND key = ?2`;
const KEEP = `UPDATE records SET last_outcome = ?4, retry_at = CASE WHEN ?4 = 'held' THEN ?3 ELSE retry_at END WHERE scope = ?1 AND key = ?2`;

export function createUnknownStore(database: Database, vault: Vault): UnknownStore {
  return {
    listUnknown: (scope, { afterKey = '', limit }) =>
      database.read(() => database.all(LIST, scope, afterKey, limit).map((row) => readUnknownWrite(vault, row))),
    resolveUnknown: (scope, key, resolution, at) =>
      database.write(() => {
        const held = database.get(FIND, scope, key);
        if (held === undefined) return false;
        settle(database, vault, { scope, key, held }, resolution, Math.round(at));
        const words = vault.write(wordsOfResolution(resolution), isSealed(optionalText(held, 'payload') ?? ''));
        const sql = `INSERT INTO verdicts (scope, key, run_id, at, disposition, reason, detail) VALUES (?, ?, ?, ?, 'resolved', ?, ?)`;
        database.run(sql, scope, key, text(held, 'run_id'), Math.round(at), resolution.as, words);
        return true;
      }),
  };
}

function settle(
  database: Database,
  vault: Vault,
  { scope, key, held }: { readonly scope: string; readonly key: string; readonly held: Row },
  resolution: UnknownResolution,
  at: number,
): void {
  if (resolution.as === 'not-written') return void database.run(DENY, scope, key, at);
  const [id, hash] = [number(held, 'id'), text(held, 'content_hash')];
  if (hash === DELETED || hash === ARCHIVED) noteTaken(database, vault, { id, scope, key, isArchived: hash === ARCHIVED }, at);
  else database.run(TELL, id, resolution.targetId ?? null);
  const newer = optionalText(held, 'newer_outcome');
  if (newer === undefined) clearRefusal(database, scope, key);
  else database.run(KEEP, scope, key, at, newer);
}
