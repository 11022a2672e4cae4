import type { ClaimInput } from '../ledger.ts';
import { number, type Row, text } from '../rows/row.ts';
import type { Counts } from '../rows/segment-row.ts';
import { decideUnsent } from '../rows/unsent.ts';
import { isSealed, type Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { noteOutcome } from './refusals.ts';

/** Settles a planned change that need not, or must not, be sent any more. @returns false where it is to be sent: `row` then says as what */
export function settleUnsent(database: Database, vault: Vault, row: Row, claim: ClaimInput, counts: Counts): boolean {
  const unsent = decideUnsent(row, claim);
  if (unsent === undefined) return false;
  const { outcome, reason, note } = unsent;
  database.run(
    `UPDATE changes SET state = 'settled', outcome = ?, settled_at = ?, hold_reason = ?, note = ?, source = NULL, payload = CASE WHEN ? THEN payload END WHERE id = ?`,
    outcome,
    Math.round(claim.at),
    reason ?? null,
    note === undefined ? null : vault.write(note, isSealed(text(row, 'payload'))),
    vault.keepsSettledFields ? 1 : 0,
    number(row, 'id'),
  );
  noteOutcome(database, text(row, 'scope'), text(row, 'key'), outcome);
  counts.add(outcome);
  return true;
}
