import { number, optionalText, type Row, text } from '../rows/row.ts';
import { readUnknownWrite, wordsOfResolution } from '../rows/unknown-write.ts';
import type { UnknownResolution, UnknownStore } from '../unknown-store.ts';
import { isSealed, type Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { lockScope } from './locks.ts';
import { clearRefusals } from './refusals.ts';
import type { Session } from './session.ts';

/** Records with a write that is held because its answer was lost, that write, and its last request. */
const HELD = `
  FROM records r
    JOIN changes c ON c.id = (SELECT max(h.id) FROM changes h WHERE h.scope = r.scope AND h.key = r.key AND h.outcome = 'held' AND h.hold_reason = 'unknown')
    LEFT JOIN attempts a ON a.batch_id = c.batch_id AND a.n = (SELECT max(n) FROM attempts WHERE batch_id = c.batch_id)
  WHERE r.scope = $1 AND r.last_outcome IN ('rejected', 'held') AND r.last_outcome = 'held' AND r.has_unknown = 1
    AND NOT EXISTS (SELECT 1 FROM changes o WHERE o.scope = r.scope AND o.key = r.key AND o.key >= '' AND o.state = 'sending')`;

const LIST = `SELECT r.key, c.run_id, c.note, a.sent_at, a.method, a.path, a.status, a.failure ${HELD} AND r.key > $2 ORDER BY r.key LIMIT $3`;

const FIND = `SELECT c.id, c.run_id, c.payload ${HELD} AND r.key = $2`;

const TELL = `
  UPDATE records SET target_scope = c.target_scope, target_id = coalesce($2, records.target_id, c.target_id), content_hash = c.content_hash, told_by = c.kind, match = c.match,
    payload = c.payload, source_version = c.source_version, observed_at = c.observed_at, last_outcome = 'written', has_unknown = 0
  FROM changes c WHERE c.id = $1 AND records.scope = c.scope AND records.key = c.key`;

const DENY = 'UPDATE records SET has_unknown = 0, retry_at = $3 WHERE scope = $1 AND key = $2';

const NOTE = `INSERT INTO verdicts (scope, key, run_id, at, disposition, reason, detail) VALUES ($1, $2, $3, $4, 'resolved', $5, $6)`;

export function createUnknownStore(database: Database, vault: Vault): UnknownStore {
  return {
    listUnknown: async (scope, { afterKey = '', limit }) => (await database.all(LIST, scope, afterKey, limit)).map((row) => readUnknownWrite(vault, row)),
    resolveUnknown: (scope, key, resolution, at) =>
      database.write(async (session) => {
        await lockScope(session, scope);
        const held = await session.get(FIND, scope, key);
        if (held === undefined) return false;
        await settle(session, { scope, key, held }, resolution, Math.round(at));
        const words = vault.write(wordsOfResolution(resolution), isSealed(optionalText(held, 'payload') ?? ''));
        await session.run(NOTE, scope, key, text(held, 'run_id'), Math.round(at), resolution.as, words);
        return true;
      }),
  };
}

async function settle(
  session: Session,
  { scope, key, held }: { readonly scope: string; readonly key: string; readonly held: Row },
  resolution: UnknownResolution,
  at: number,
): Promise<void> {
  if (resolution.as === 'written') {
    await session.run(TELL, number(held, 'id'), resolution.targetId ?? null);
    await clearRefusals(session, scope, [key]);
  } else {
    // What was to be written is kept with the hold: it is due at once.
    await session.run(DENY, scope, key, at);
  }
}
