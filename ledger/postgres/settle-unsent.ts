import type { ClaimInput } from '../ledger.ts';
import { number, type Row, text } from '../rows/row.ts';
import type { Counts } from '../rows/segment-row.ts';
import { confirmedBy, type Unsent } from '../rows/unsent.ts';
import { isSealed, type Vault } from '../vault.ts';
import { noteHolds, noteOutcomes } from './refusals.ts';
import type { Session } from './session.ts';

export type UnsentChange = Unsent & { readonly row: Row };

const SETTLE = `
  UPDATE changes SET state = 'settled', outcome = n.outcome, settled_at = $1, hold_reason = n.reason, note = n.note, source = NULL, payload = CASE WHEN $2 THEN payload END
  FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[]) AS n(id, outcome, reason, note) WHERE changes.id = n.id AND changes.id = ANY($3::bigint[])`;

const SOURCES = `
  SELECT c.id, c.source FROM changes c JOIN runs run ON run.id = c.run_id
    CROSS JOIN LATERAL (SELECT change_id FROM sightings WHERE scope = c.scope || run.lane AND key = c.key OFFSET 0) g
  WHERE c.id = ANY($1::bigint[]) AND g.change_id = c.id AND c.source IS NOT NULL`;

/** Nothing that was observed before goes over what is still as it was told. */
const CONFIRM = `
  UPDATE records SET observed_at = greatest(coalesce(records.observed_at, 0), n.observed_at), source_version = coalesce(n.version, records.source_version)
  FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[]) AS n(key, hash, observed_at, version)
  WHERE records.scope = $1 AND records.key = n.key AND records.key = ANY($2::text[]) AND records.content_hash = n.hash`;

/** Settles planned changes that need not, or must not, be sent any more. */
export async function settleUnsent(session: Session, vault: Vault, unsent: readonly UnsentChange[], claim: ClaimInput, counts: Counts): Promise<void> {
  if (unsent.length === 0) return;
  const at = Math.round(claim.at);
  const notes = unsent.map(({ note, row }) => (note === undefined ? null : vault.write(note, isSealed(text(row, 'payload')))));
  const ids = unsent.map(({ row }) => number(row, 'id'));
  const [outcomes, reasons] = [unsent.map(({ outcome }) => outcome), unsent.map(({ reason }) => reason ?? null)];
  const sources = await readSources(session, unsent);
  await session.run(SETTLE, at, vault.keepsSettledFields, ids, outcomes, reasons, notes);
  const byScope = Map.groupBy(unsent, ({ row }) => text(row, 'scope'));
  for (const [scope, ofScope] of byScope) {
    const last = [...new Map(ofScope.map((each) => [text(each.row, 'key'), each])).values()];
    const holds = last.flatMap(({ row, reason }) => {
      const source = sources.get(number(row, 'id'));
      return source === undefined ? [] : [{ key: text(row, 'key'), source, isWaiting: reason === 'unknown' }];
    });
    const others = last.filter(({ row }) => !sources.has(number(row, 'id')));
    await noteHolds(session, { scope, at, terms: claim.terms }, holds);
    await noteOutcomes(
      session,
      scope,
      others.map(({ row, outcome }) => ({ key: text(row, 'key'), outcome })),
    );
    await confirm(
      session,
      scope,
      last.filter(({ outcome }) => outcome === 'unchanged').map(({ row }) => row),
    );
  }
  for (const { outcome } of unsent) counts.add(outcome);
}

async function confirm(session: Session, scope: string, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const known = rows.map(confirmedBy);
  await session.run(
    CONFIRM,
    scope,
    rows.map((row) => text(row, 'key')),
    rows.map((row) => text(row, 'content_hash')),
    known.map(({ observedAt }) => observedAt),
    known.map(({ version }) => version ?? null),
  );
}

/** By change that is held, and is what its record counts as: what was read of the record, by which a later run tries it again. */
async function readSources(session: Session, unsent: readonly UnsentChange[]): Promise<ReadonlyMap<number, string>> {
  const held = unsent.filter(({ outcome }) => outcome === 'held').map(({ row }) => number(row, 'id'));
  if (held.length === 0) return new Map();
  return new Map((await session.all(SOURCES, held)).map((row) => [number(row, 'id'), text(row, 'source')]));
}
