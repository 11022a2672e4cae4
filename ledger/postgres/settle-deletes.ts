import type { ChangeOutcome } from '../ledger.ts';
import { readPayload, writePayload } from '../rows/payload.ts';
import { optionalText, text } from '../rows/row.ts';
import type { Counts } from '../rows/segment-row.ts';
import type { SendingChange } from '../rows/sending-change.ts';
import { ARCHIVED } from '../rows/taken-content.ts';
import { isSealed, type Vault } from '../vault.ts';
import type { StagedTexts } from './sending-change.ts';
import type { Session } from './session.ts';

export interface SettledDelete {
  readonly change: SendingChange;
  readonly outcome: Exclude<ChangeOutcome, { outcome: 'again' }>;
  readonly texts: StagedTexts | undefined;
}

/** The target has it no more, and the ledger forgets what it had: should the record return, it is a new one there. */
const FORGET = `
  UPDATE records SET content_hash = NULL, target_id = NULL, told_by = 'delete', payload = NULL, source_version = NULL, is_created = 0, last_outcome = NULL, has_unknown = 0,
    observed_at = c.observed_at
  FROM changes c WHERE c.id = ANY($1::bigint[]) AND records.scope = c.scope AND records.key = c.key`;

/** The target has it as archived, as we told it: should the record return, it is changed back by its id. */
const ARCHIVE = `
  UPDATE records SET content_hash = '${ARCHIVED}', payload = coalesce(n.payload, records.payload), observed_at = $2, last_outcome = NULL, has_unknown = 0
  FROM unnest($3::text[], $4::text[]) AS n(key, payload) WHERE records.scope = $1 AND records.key = n.key AND records.key = ANY($3::text[])`;

const KEEP = `
  UPDATE records SET has_unknown = n.has_unknown FROM unnest($2::text[], $3::smallint[]) AS n(key, has_unknown)
  WHERE records.scope = $1 AND records.key = n.key AND records.key = ANY($2::text[])`;

const END = `
  UPDATE changes SET state = 'settled', outcome = n.outcome, settled_at = $1, rejection = n.rejection, hold_reason = n.hold_reason, note = n.note,
    payload = CASE WHEN $2 THEN payload END
  FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[]) AS n(id, outcome, rejection, hold_reason, note) WHERE changes.id = n.id AND changes.id = ANY($3::bigint[])`;

/** Settles what takes records from the target. Its counts are those of its segment, apart from the records that were read. */
export async function settleDeletes(
  session: Session,
  vault: Vault,
  { scope, at }: { readonly scope: string; readonly at: number },
  deletes: readonly SettledDelete[],
  counts: Counts,
): Promise<void> {
  if (deletes.length === 0) return;
  const done = deletes.filter(isDone).map(({ change: { id, key, isArchived }, texts }) => ({ id, key, isArchived, payload: texts?.payload }));
  await noteTaken(session, vault, { scope, at }, done);
  const kept = deletes.filter((each) => !isDone(each));
  if (kept.length > 0)
    await session.run(
      KEEP,
      scope,
      kept.map(({ change }) => change.key),
      kept.map(({ outcome }) => Number(isUnknown(outcome))),
    );
  const ends = deletes.map((each) => endOf(vault, each));
  for (const { outcome } of ends) counts.add(outcome);
  const ids = deletes.map(({ change }) => change.id);
  const columns = [
    ends.map(({ outcome }) => outcome),
    ends.map(({ rejection }) => rejection),
    ends.map(({ holdReason }) => holdReason),
    ends.map(({ note }) => note),
  ];
  await session.run(END, at, vault.keepsSettledFields, ids, ...columns);
}

function isDone({ outcome: { outcome } }: SettledDelete): boolean {
  return outcome === 'written' || outcome === 'unchanged' || outcome === 'skipped';
}

function isUnknown(outcome: SettledDelete['outcome']): boolean {
  return outcome.outcome === 'held' && outcome.reason === 'unknown';
}

function endOf(vault: Vault, settled: SettledDelete) {
  const { outcome, texts } = settled;
  const mustSeal = isSealed(texts?.payload ?? '');
  return {
    outcome: isDone(settled) ? ('written' as const) : outcome.outcome,
    rejection: outcome.outcome === 'rejected' ? vault.write({ ...outcome.rejection }, mustSeal) : null,
    holdReason: outcome.outcome === 'held' ? outcome.reason : null,
    note: outcome.outcome === 'held' ? vault.write(outcome.message, mustSeal) : null,
  };
}

interface Taken {
  readonly id: number;
  readonly key: string;
  readonly isArchived: boolean;
  /** Of the change, with what was set to archive it. */
  readonly payload: string | undefined;
}

/** The target has done what it was told by these changes. */
export async function noteTaken(
  session: Session,
  vault: Vault,
  { scope, at }: { readonly scope: string; readonly at: number },
  taken: readonly Taken[],
): Promise<void> {
  const [archived, gone] = [taken.filter(({ isArchived }) => isArchived), taken.filter(({ isArchived }) => !isArchived)];
  if (gone.length > 0)
    await session.run(
      FORGET,
      gone.map(({ id }) => id),
    );
  if (archived.length === 0) return;
  const keys = archived.map(({ key }) => key);
  const rows = await session.all('SELECT key, payload FROM records WHERE scope = $1 AND key = ANY($2::text[])', scope, keys);
  const told = new Map(rows.map((row) => [text(row, 'key'), optionalText(row, 'payload')]));
  const payloads = archived.map(({ key, payload }) => archivedPayload(vault, told.get(key), payload));
  await session.run(ARCHIVE, scope, at, keys, payloads);
}

/** What the target was told, with what it was told to archive it. */
function archivedPayload(vault: Vault, told: string | undefined, setNow: string | undefined): string | null {
  if (told === undefined || setNow === undefined) return null;
  const { match, fields } = readPayload(vault, told);
  return fields === undefined ? null : writePayload(vault, { match, fields: { ...fields, ...readPayload(vault, setNow).fields } }, isSealed(told));
}
