import type { Session } from './session.ts';

/** The end of one change. */
export interface EndedChange {
  readonly id: number;
  readonly outcome: 'written' | 'unchanged' | 'superseded' | 'skipped' | 'rejected' | 'held';
  readonly created?: number | undefined;
  readonly targetId?: string | undefined;
  readonly rejection?: string | undefined;
  readonly holdReason?: string | undefined;
  readonly note?: string | undefined;
}

const END = `
  UPDATE changes SET state = 'settled', outcome = n.outcome, settled_at = $1, created = n.created, target_id = coalesce(n.target_id, changes.target_id), rejection = n.rejection,
    hold_reason = n.hold_reason, note = n.note, source = NULL, payload = CASE WHEN $2 THEN payload END
  FROM unnest($3::bigint[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::text[], $9::text[]) AS n(id, outcome, created, target_id, rejection, hold_reason, note)
  WHERE changes.id = n.id AND changes.id = ANY($3::bigint[])`;

/** What is settled needs its payload no more: the record keeps what the target has, a refusal keeps its source. */
export async function endChanges(session: Session, ended: readonly EndedChange[], at: number, keepsFields: boolean): Promise<void> {
  if (ended.length === 0) return;
  await session.run(
    END,
    at,
    keepsFields,
    ended.map(({ id }) => id),
    ended.map(({ outcome }) => outcome),
    ended.map(({ created }) => created ?? null),
    ended.map(({ targetId }) => targetId ?? null),
    ended.map(({ rejection }) => rejection ?? null),
    ended.map(({ holdReason }) => holdReason ?? null),
    ended.map(({ note }) => note ?? null),
  );
}

/** What the target has now, taken over from a change. */
export interface ToldChange {
  readonly id: number;
  readonly outcome: 'written' | 'unchanged';
  readonly created: number | undefined;
  readonly targetId: string | undefined;
  /** A newer verdict on the same record stays. */
  readonly isLatest: boolean;
  /** In place of the change's own, where fields are not kept. */
  readonly payload: string | undefined;
}

/** What the sync created is its own for as long as the target has it under the same id: another one, that others made meanwhile, is not. */
const TELL = `
  INSERT INTO records AS known (scope, key, target_scope, target_id, content_hash, told_by, match, payload, source_version, observed_at, last_outcome, is_created)
  SELECT c.scope, c.key, c.target_scope, coalesce(n.target_id, c.target_id), c.content_hash, c.kind, c.match, coalesce(n.payload, c.payload), c.source_version, c.observed_at,
    n.outcome, coalesce(n.created, 0)
  FROM unnest($1::bigint[], $2::text[], $3::smallint[], $4::text[], $5::text[]) AS n(id, outcome, created, target_id, payload) JOIN changes c ON c.id = n.id
  WHERE c.id = ANY($1::bigint[])
  ON CONFLICT (scope, key) DO UPDATE SET target_scope = excluded.target_scope, target_id = coalesce(excluded.target_id, known.target_id),
    content_hash = excluded.content_hash, told_by = excluded.told_by, match = excluded.match, payload = excluded.payload, source_version = excluded.source_version,
    observed_at = excluded.observed_at, last_outcome = CASE WHEN $6 OR known.last_outcome IS NULL THEN excluded.last_outcome ELSE known.last_outcome END, has_unknown = 0,
    is_created = CASE WHEN coalesce(excluded.target_id, known.target_id) IS NOT DISTINCT FROM known.target_id THEN greatest(known.is_created, excluded.is_created)
      ELSE excluded.is_created END`;

/** Takes over into the ledger's truth what the target was told, or was found to have. */
export async function tellRecords(session: Session, told: readonly ToldChange[]): Promise<void> {
  for (const isLatest of [true, false]) {
    const ones = told.filter((each) => each.isLatest === isLatest);
    if (ones.length === 0) continue;
    await session.run(
      TELL,
      ones.map(({ id }) => id),
      ones.map(({ outcome }) => outcome),
      ones.map(({ created }) => created ?? null),
      ones.map(({ targetId }) => targetId ?? null),
      ones.map(({ payload }) => payload ?? null),
      isLatest,
    );
  }
}
