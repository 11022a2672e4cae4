import type { ConflictStore } from '../conflict-store.ts';
import { readConflictHold, wordsOfDecision } from '../rows/conflict-hold.ts';
import { number, optionalText, text } from '../rows/row.ts';
import { isSealed, type Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { lockScope } from './locks.ts';
import { clearRefusals } from './refusals.ts';

/** Records whose latest change is held for a conflict. */
const HELD = `
  FROM records r JOIN changes c ON c.id = (SELECT max(h.id) FROM changes h WHERE h.scope = r.scope AND h.key = r.key AND h.state = 'settled')
  WHERE r.scope = $1 AND r.last_outcome IN ('rejected', 'held') AND r.last_outcome = 'held' AND c.outcome = 'held' AND c.hold_reason = 'conflict'`;

const LIST = `SELECT r.key, c.run_id, c.settled_at, c.note ${HELD} AND r.key > $2 ORDER BY r.key LIMIT $3`;

const FIND = `SELECT c.id, c.run_id, c.content_hash, c.payload ${HELD} AND r.key = $2`;

const DECIDE = `
  INSERT INTO conflict_decisions (scope, key, content_hash, decided_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (scope, key) DO UPDATE SET content_hash = excluded.content_hash, decided_at = excluded.decided_at`;

const TELL = `
  UPDATE records SET target_scope = c.target_scope, target_id = coalesce(records.target_id, c.target_id), content_hash = c.content_hash, told_by = c.kind, match = c.match,
    payload = c.payload, source_version = c.source_version, observed_at = c.observed_at, last_outcome = 'unchanged'
  FROM changes c WHERE c.id = $1 AND records.scope = c.scope AND records.key = c.key`;

const NOTE = `INSERT INTO verdicts (scope, key, run_id, at, disposition, reason, detail) VALUES ($1, $2, $3, $4, 'resolved', $5, $6)`;

const DECISIONS = 'SELECT key, content_hash FROM conflict_decisions WHERE scope = $1 AND key = ANY($2::text[])';

export function createConflictStore(database: Database, vault: Vault): ConflictStore {
  return {
    listConflicts: async (scope, { afterKey = '', limit }) => (await database.all(LIST, scope, afterKey, limit)).map((row) => readConflictHold(vault, row)),
    resolveConflict: (scope, key, take, at) =>
      database.write(async (session) => {
        await lockScope(session, scope);
        const held = await session.get(FIND, scope, key);
        if (held === undefined) return false;
        if (take === 'source') {
          await session.run(DECIDE, scope, key, text(held, 'content_hash'), Math.round(at));
          // What was to be written is kept with the hold: it is due at once.
          await session.run('UPDATE records SET retry_at = $3 WHERE scope = $1 AND key = $2', scope, key, Math.round(at));
        } else {
          await session.run(TELL, number(held, 'id'));
          await clearRefusals(session, scope, [key]);
        }
        const words = vault.write(wordsOfDecision(take), isSealed(optionalText(held, 'payload') ?? ''));
        await session.run(NOTE, scope, key, text(held, 'run_id'), Math.round(at), take, words);
        return true;
      }),
    readConflictDecisions: async (scope, keys) =>
      new Map((await database.all(DECISIONS, scope, keys)).map((row) => [text(row, 'key'), text(row, 'content_hash')])),
  };
}
