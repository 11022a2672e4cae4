import type { Rejection } from '../../engine/errors.ts';
import type { Outcome } from '../../engine/outcome.ts';
import type { RefusalTerms } from '../ledger.ts';
import { countRefusal, repeatedPace, retryOfHold, retryOfRefusal } from '../rows/refusal-pace.ts';
import { type Row, text } from '../rows/row.ts';
import { isSealed, type Vault } from '../vault.ts';
import type { Session } from './session.ts';

/** Of what sync the records are, and when they were refused. */
export interface RefusalContext {
  readonly scope: string;
  readonly at: number;
  readonly terms: RefusalTerms;
}

/** A record that was not written, and what a later run needs to try again. */
interface Unwritten {
  readonly key: string;
  /** The source record as the vault wrote it. Its form, plain or encrypted, is that of the rejection too. */
  readonly source: string;
  /** It was told again, and nothing was read for its sake: it is kept without a source. */
  readonly isAside?: boolean;
}

export interface Refusal extends Unwritten {
  readonly rejection: Rejection;
  /** Of the content that was refused. */
  readonly contentHash: string;
}

export interface Hold extends Unwritten {
  /** Nothing is wrong with it: it waits for an answer, or for another record, and every run looks whether that is there. */
  readonly isWaiting: boolean;
}

const KNOWN = `
  SELECT key, last_outcome, rejected_hash, refusals, first_refused_at, retry_at FROM records WHERE scope = $1 AND key = ANY($2::text[])`;

const REFUSE = `
  INSERT INTO records (scope, key, last_outcome, rejected_hash, rejection, rejected_source, retry_at, refusals, first_refused_at, refused_by)
  SELECT $1, n.key, 'rejected', n.hash, n.rejection, n.source, n.retry_at, n.refusals, n.first_at, $2
  FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[]) AS n(key, hash, rejection, source, retry_at, refusals, first_at)
  ON CONFLICT (scope, key) DO UPDATE SET last_outcome = 'rejected', rejected_hash = excluded.rejected_hash, rejection = excluded.rejection,
    rejected_source = excluded.rejected_source, retry_at = excluded.retry_at, refusals = excluded.refusals, first_refused_at = excluded.first_refused_at,
    refused_by = excluded.refused_by`;

const REPEAT = `
  UPDATE records SET last_outcome = 'rejected', refusals = n.refusals, retry_at = n.retry_at, refused_by = $2
  FROM unnest($3::text[], $4::bigint[], $5::bigint[]) AS n(key, refusals, retry_at)
  WHERE records.scope = $1 AND records.key = n.key AND records.key = ANY($3::text[])`;

const HOLD = `
  INSERT INTO records (scope, key, last_outcome, rejected_source, retry_at, refusals, first_refused_at, refused_by)
  SELECT $1, n.key, 'held', n.source, n.retry_at, n.refusals, n.first_at, $2
  FROM unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[]) AS n(key, source, retry_at, refusals, first_at)
  ON CONFLICT (scope, key) DO UPDATE SET last_outcome = 'held', rejected_source = excluded.rejected_source, retry_at = excluded.retry_at, refusals = excluded.refusals,
    first_refused_at = excluded.first_refused_at, refused_by = excluded.refused_by`;

const CLEARED = `rejected_hash = NULL, rejection = NULL, rejected_source = NULL, retry_at = NULL, refusals = 0, first_refused_at = NULL, refused_by = NULL`;

const FORGET = `
  UPDATE records SET last_outcome = n.outcome, ${CLEARED} FROM unnest($2::text[], $3::text[]) AS n(key, outcome)
  WHERE records.scope = $1 AND records.key = n.key AND records.key = ANY($2::text[])`;

const NOTE = `
  INSERT INTO records (scope, key, last_outcome, has_unknown) SELECT $1, n.key, n.outcome, coalesce(n.has_unknown, 0)
  FROM unnest($2::text[], $3::text[], $4::smallint[]) AS n(key, outcome, has_unknown)
  ON CONFLICT (scope, key) DO UPDATE SET last_outcome = coalesce(excluded.last_outcome, records.last_outcome),
    has_unknown = CASE WHEN $5 THEN excluded.has_unknown ELSE records.has_unknown END`;

/** Keeps what was refused, so that the same content is not sent again too soon, and can be tried again. Each key once. */
export async function noteRefusals(session: Session, vault: Vault, { scope, at, terms }: RefusalContext, refusals: readonly Refusal[]): Promise<void> {
  if (refusals.length === 0) return;
  const known = await readKnown(session, scope, refusals);
  const paces = refusals.map(({ key, contentHash }) => countRefusal(known.get(key) ?? {}, contentHash, at));
  await session.run(
    REFUSE,
    scope,
    terms.mappingHash,
    refusals.map(({ key }) => key),
    refusals.map(({ contentHash }) => contentHash),
    refusals.map(({ rejection, source }) => vault.write({ ...rejection }, isSealed(source))),
    refusals.map(sourceToKeep),
    refusals.map(({ rejection }, n) => retryOfRefusal(paces[n] ?? { refusals: 1, firstAt: at }, rejection, at, terms) ?? null),
    paces.map((pace) => pace.refusals),
    paces.map((pace) => pace.firstAt),
  );
}

/** The same content was refused once more, without a word that is new: its pauses grow, and the mapping that refused it is today's. */
export async function repeatRefusals(session: Session, { scope, at, terms }: RefusalContext, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  const known = await readKnown(
    session,
    scope,
    keys.map((key) => ({ key })),
  );
  const paces = [...known].map(([key, row]) => ({ key, ...repeatedPace(row, at, terms) }));
  const retryAts = paces.map(({ retryAt }) => retryAt ?? null);
  await session.run(
    REPEAT,
    scope,
    terms.mappingHash,
    paces.map(({ key }) => key),
    paces.map(({ refusals }) => refusals),
    retryAts,
  );
}

/** Keeps what was held, so that a later run can try it again although its reading has moved on. An earlier refusal stays known. Each key once. */
export async function noteHolds(session: Session, { scope, at, terms }: RefusalContext, holds: readonly Hold[]): Promise<void> {
  if (holds.length === 0) return;
  const known = await readKnown(session, scope, holds);
  const paces = holds.map(({ key }) => countRefusal(known.get(key) ?? {}, undefined, at));
  await session.run(
    HOLD,
    scope,
    terms.mappingHash,
    holds.map(({ key }) => key),
    holds.map(sourceToKeep),
    holds.map(({ isWaiting }, n) => retryOfHold(paces[n] ?? { refusals: 1, firstAt: at }, isWaiting, at, terms) ?? null),
    paces.map((pace) => pace.refusals),
    paces.map((pace) => pace.firstAt),
  );
}

function sourceToKeep({ source, isAside }: Unwritten): string | null {
  return isAside === true ? null : source;
}

async function readKnown(session: Session, scope: string, records: readonly { readonly key: string }[]): Promise<ReadonlyMap<string, Row>> {
  const rows = await session.all(
    KNOWN,
    scope,
    records.map(({ key }) => key),
  );
  return new Map(rows.map((row) => [text(row, 'key'), row]));
}

/** Content that the target has, or that is filtered now, is no longer refused. */
export async function forgetRefusals(
  session: Session,
  scope: string,
  forgotten: readonly { readonly key: string; readonly outcome: 'unchanged' | 'skipped' }[],
): Promise<void> {
  if (forgotten.length > 0)
    await session.run(
      FORGET,
      scope,
      forgotten.map(({ key }) => key),
      forgotten.map(({ outcome }) => outcome),
    );
}

/** The records were written: their last outcome is told by what they were told. */
export async function clearRefusals(session: Session, scope: string, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await session.run(`UPDATE records SET ${CLEARED} WHERE scope = $1 AND key = ANY($2::text[])`, scope, keys);
}

/** What became of records last; what it is not said of stays. Each key once. */
export async function noteOutcomes(session: Session, scope: string, noted: readonly { readonly key: string; readonly outcome: Outcome }[]): Promise<void> {
  if (noted.length === 0) return;
  await session.run(
    NOTE,
    scope,
    noted.map(({ key }) => key),
    noted.map(({ outcome }) => outcome),
    noted.map(() => null),
    false,
  );
}

/** Whether writes of records wait for a lost answer, and what became of them last where that is said. Each key once. */
export async function noteAnswers(
  session: Session,
  scope: string,
  noted: readonly { readonly key: string; readonly outcome: Outcome | undefined; readonly hasUnknown: boolean }[],
): Promise<void> {
  if (noted.length === 0) return;
  const outcomes = noted.map(({ outcome }) => outcome ?? null);
  await session.run(
    NOTE,
    scope,
    noted.map(({ key }) => key),
    outcomes,
    noted.map(({ hasUnknown }) => Number(hasUnknown)),
    true,
  );
}

/** Nothing is unknown of these records any more. */
export async function noteAnswered(session: Session, scope: string, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await session.run('UPDATE records SET has_unknown = 0 WHERE scope = $1 AND key = ANY($2::text[]) AND has_unknown = 1', scope, keys);
}
