import type { ChangeOutcome } from '../ledger.ts';
import { readPayload, writePayload } from '../rows/payload.ts';
import { optionalText } from '../rows/row.ts';
import type { Counts } from '../rows/segment-row.ts';
import type { SendingChange } from '../rows/sending-change.ts';
import { ARCHIVED } from '../rows/taken-content.ts';
import { isSealed, type Vault } from '../vault.ts';
import type { Database } from './database.ts';

type Settled = Exclude<ChangeOutcome, { outcome: 'again' }>;

/** The target has it no more, and the ledger forgets what it had: should the record return, it is a new one there. */
const FORGET = `
  UPDATE records SET content_hash = NULL, target_id = NULL, told_by = 'delete', payload = NULL, source_version = NULL, is_created = 0, last_outcome = NULL, has_unknown = 0,
    observed_at = (SELECT observed_at FROM changes WHERE id = ?3)
  WHERE scope = ?1 AND key = ?2`;

/** The target has it as archived, as we told it: should the record return, it is changed back by its id. */
const ARCHIVE = `UPDATE records SET content_hash = '${ARCHIVED}', payload = coalesce(?, payload), observed_at = ?, last_outcome = NULL, has_unknown = 0 WHERE scope = ? AND key = ?`;

/** Settles what takes a record from the target. Its counts are those of its segment, apart from the records that were read. */
export function settleDelete(database: Database, vault: Vault, change: SendingChange, outcome: Settled, at: number, counts: Counts): void {
  const { id, scope, key } = change;
  const isDone = outcome.outcome === 'written' || outcome.outcome === 'unchanged' || outcome.outcome === 'skipped';
  if (isDone) noteTaken(database, vault, change, at);
  else
    database.run(
      'UPDATE records SET has_unknown = ? WHERE scope = ? AND key = ?',
      outcome.outcome === 'held' && outcome.reason === 'unknown' ? 1 : 0,
      scope,
      key,
    );
  const named = isDone ? 'written' : outcome.outcome;
  counts.add(named);
  const payload = optionalText(database.get('SELECT payload FROM changes WHERE id = ?', id) ?? {}, 'payload') ?? '';
  database.run(
    `UPDATE changes SET state = 'settled', outcome = ?, settled_at = ?, rejection = ?, hold_reason = ?, note = ?, payload = CASE WHEN ? THEN payload END WHERE id = ?`,
    named,
    at,
    outcome.outcome === 'rejected' ? vault.write({ ...outcome.rejection }, isSealed(payload)) : null,
    outcome.outcome === 'held' ? outcome.reason : null,
    outcome.outcome === 'held' ? vault.write(outcome.message, isSealed(payload)) : null,
    vault.keepsSettledFields ? 1 : 0,
    id,
  );
}

type Taken = Pick<SendingChange, 'id' | 'scope' | 'key' | 'isArchived'>;

/** The target has done what it was told by that change. */
export function noteTaken(database: Database, vault: Vault, change: Taken, at: number): void {
  if (change.isArchived) database.run(ARCHIVE, archivedPayload(database, vault, change), at, change.scope, change.key);
  else database.run(FORGET, change.scope, change.key, change.id);
}

/** What the target was told, with what it was told to archive it. */
function archivedPayload(database: Database, vault: Vault, { id, scope, key }: Taken): string | null {
  const row =
    database.get('SELECT r.payload AS told, c.payload AS set_now FROM records r JOIN changes c ON c.id = ? WHERE r.scope = ? AND r.key = ?', id, scope, key) ??
    {};
  const [told, setNow] = [optionalText(row, 'told'), optionalText(row, 'set_now')];
  if (told === undefined || setNow === undefined) return null;
  const { match, fields } = readPayload(vault, told);
  return fields === undefined ? null : writePayload(vault, { match, fields: { ...fields, ...readPayload(vault, setNow).fields } }, isSealed(told));
}
