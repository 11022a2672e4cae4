import type { ConflictStore } from '../conflict-store.ts';
import { readConflictHold, wordsOfDecision } from '../rows/conflict-hold.ts';
import { number, optionalText, text } from '../rows/row.ts';
import { isSealed, type Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { clearRefusal } from './refusals.ts';

/** Records whose latest change is held for a conflict. */
const HELD = `
  FROM records r INDEXED BY records_refused
    JOIN changes c ON c.id = (SELECT max(h.id) FROM changes h WHERE h.scope = r.scope AND h.key = r.key AND h.state = 'settled')
  WHERE r.scope = ?1 AND r.last_outcome IN ('rejected', 'held') AND r.last_outcome = 'held' AND c.outcome = 'held' AND c.hold_reason = 'conflict'`;

const TELL = `
  UPDATE records SET target_scope = c.target_scope, target_id = coalesce(records.target_id, c.target_id), content_hash = c.content_hash, told_by = c.kind, match = c.match,
    payload = c.payload, source_version = c.source_version, observed_at = c.observed_at, last_outcome = 'unchanged'
  FROM changes c WHERE c.id = ?1 AND records.scope = c.scope AND records.key = c.key`;

const DECISIONS = `SELECT d.key, d.content_hash FROM json_each(?2) k CROSS JOIN conflict_decisions d ON d.scope = ?1 AND d.key = k.value`;

export function createConflictStore(database: Database, vault: Vault): ConflictStore {
  return {
    listConflicts: (scope, { afterKey = '', limit }) =>
      database.read(() =>
        database
          .all(`SELECT r.key, c.run_id, c.settled_at, c.note ${HELD} AND r.key > ?2 ORDER BY r.key LIMIT ?3`, scope, afterKey, limit)
          .map((row) => readConflictHold(vault, row)),
      ),
    resolveConflict: (scope, key, take, at) =>
      database.write(() => {
        const held = database.get(`SELECT c.id, c.run_id, c.content_hash, c.payload ${HELD} AND r.key = ?2`, scope, key);
        if (held === undefined) return false;
        if (take === 'source') {
          const sql =
            'INSERT INTO conflict_decisions (scope, key, content_hash, decided_at) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET content_hash = excluded.content_hash, decided_at = excluded.decided_at';
          database.run(sql, scope, key, text(held, 'content_hash'), Math.round(at));
          // What was to be written is kept with the hold: it is due at once.
          database.run('UPDATE records SET retry_at = ? WHERE scope = ? AND key = ?', Math.round(at), scope, key);
        } else {
          database.run(TELL, number(held, 'id'));
          clearRefusal(database, scope, key);
        }
        const sql = `INSERT INTO verdicts (scope, key, run_id, at, disposition, reason, detail) VALUES (?, ?, ?, ?, 'resolved', ?, ?)`;
        database.run(
          sql,
          scope,
          key,
          text(held, 'run_id'),
          Math.round(at),
          take,
          vault.write(wordsOfDecision(take), isSealed(optionalText(held, 'payload') ?? '')),
        );
        return true;
      }),
    readConflictDecisions: (scope, keys) =>
      database.read(() => new Map(database.all(DECISIONS, scope, JSON.stringify(keys)).map((row) => [text(row, 'key'), text(row, 'content_hash')]))),
  };
}
