import type { ClaimInput } from '../ledger.ts';
import { number, optionalText, type Row, text } from '../rows/row.ts';
import type { Counts } from '../rows/segment-row.ts';
import { confirmedBy, decideUnsent } from '../rows/unsent.ts';
import { isSealed, type Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { noteHold, noteOutcome } from './refusals.ts';

/** Nothing that was observed before goes over it. */
const CONFIRM = 'UPDATE records SET observed_at = max(coalesce(observed_at, 0), ?), source_version = ? WHERE scope = ? AND key = ?';

/** Settles a planned change that need not, or must not, be sent any more. @returns false where it is to be sent: `row` then says as what */
export function settleUnsent(database: Database, vault: Vault, row: Row, claim: ClaimInput, counts: Counts): boolean {
  const unsent = decideUnsent(row, claim);
  if (unsent === undefined) return false;
  const { outcome, reason, note } = unsent;
  const [scope, key, at] = [text(row, 'scope'), text(row, 'key'), Math.round(claim.at)];
  const source = outcome === 'held' ? sourceOfLatest(database, number(row, 'id')) : undefined;
  database.run(
    `UPDATE changes SET state = 'settled', outcome = ?, settled_at = ?, hold_reason = ?, note = ?, source = NULL, payload = CASE WHEN ? THEN payload END WHERE id = ?`,
    outcome,
    at,
    reason ?? null,
    note === undefined ? null : vault.write(note, isSealed(text(row, 'payload'))),
    vault.keepsSettledFields ? 1 : 0,
    number(row, 'id'),
  );
  if (source === undefined) noteOutcome(database, scope, key, outcome);
  else noteHold(database, { scope, key, source, at, terms: claim.terms, isWaiting: reason === 'unknown' });
  if (outcome === 'unchanged') {
    const { observedAt, version } = confirmedBy(row);
    database.run(CONFIRM, observedAt, version ?? null, scope, key);
  }
  counts.add(outcome);
  return true;
}

/** What was read of the record, where the change is what it counts as: by that a later run tries it again. */
function sourceOfLatest(database: Database, id: number): string | undefined {
  const row = database.get(
    `SELECT c.source FROM changes c JOIN runs run ON run.id = c.run_id JOIN sightings g ON g.scope = c.scope || run.lane AND g.key = c.key AND g.change_id = c.id WHERE c.id = ?`,
    id,
  );
  return row === undefined ? undefined : optionalText(row, 'source');
}
