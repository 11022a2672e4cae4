import type { Outcome } from '../../engine/outcome.ts';
import { number, type Row, text } from '../rows/row.ts';
import type { Counts } from '../rows/segment-row.ts';
import type { Unsent } from '../rows/unsent.ts';
import { isSealed, type Vault } from '../vault.ts';
import { noteOutcomes } from './refusals.ts';
import type { Session } from './session.ts';

export type UnsentChange = Unsent & { readonly row: Row };

const SETTLE = `
  UPDATE changes SET state = 'settled', outcome = n.outcome, settled_at = $1, hold_reason = n.reason, note = n.note, source = NULL, payload = CASE WHEN $2 THEN payload END
  FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[]) AS n(id, outcome, reason, note) WHERE changes.id = n.id AND changes.id = ANY($3::bigint[])`;

/** Settles planned changes that need not, or must not, be sent any more. */
export async function settleUnsent(session: Session, vault: Vault, unsent: readonly UnsentChange[], at: number, counts: Counts): Promise<void> {
  if (unsent.length === 0) return;
  const notes = unsent.map(({ note, row }) => (note === undefined ? null : vault.write(note, isSealed(text(row, 'payload')))));
  const ids = unsent.map(({ row }) => number(row, 'id'));
  const [outcomes, reasons] = [unsent.map(({ outcome }) => outcome), unsent.map(({ reason }) => reason ?? null)];
  await session.run(SETTLE, at, vault.keepsSettledFields, ids, outcomes, reasons, notes);
  const byScope = Map.groupBy(unsent, ({ row }) => text(row, 'scope'));
  for (const [scope, ofScope] of byScope) {
    const last = new Map<string, Outcome>(ofScope.map(({ row, outcome }) => [text(row, 'key'), outcome]));
    await noteOutcomes(
      session,
      scope,
      [...last].map(([key, outcome]) => ({ key, outcome })),
    );
  }
  for (const { outcome } of unsent) counts.add(outcome);
}
