import type { ChangeOutcome } from '../ledger.ts';
import { number, optionalNumber, optionalText, text } from '../rows/row.ts';
import { Counts } from '../rows/segment-row.ts';
import type { SendingChange } from '../rows/sending-change.ts';
import { noteAnswered } from './refusals.ts';
import { saveCounts } from './segment-row.ts';
import type { Session } from './session.ts';

export interface Again {
  readonly change: SendingChange;
  readonly outcome: Extract<ChangeOutcome, { outcome: 'again' }>;
}

interface Place {
  readonly scope: string;
  /** Of the batch. */
  readonly runId: string;
  readonly at: number;
}

const CONTINUING = `
  SELECT CASE WHEN r.ended_at IS NULL THEN r.id ELSE (SELECT l.id FROM runs l WHERE l.scope = r.scope AND l.lane = '' AND l.state IN ('running', 'paused')) END AS id FROM runs r WHERE r.id = $1`;

const PLAN = `
  UPDATE changes SET state = 'planned', batch_limit = coalesce(n.batch_limit, changes.batch_limit), batch_group = coalesce(n.batch_group, changes.batch_group),
    kind = coalesce(n.kind, changes.kind), target_id = coalesce(n.target_id, changes.target_id)
  FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[]) AS n(id, batch_limit, batch_group, kind, target_id) WHERE changes.id = n.id AND changes.id = ANY($1::bigint[])`;

const DROP = `UPDATE changes SET state = 'dropped', settled_at = $1, source = NULL, payload = NULL WHERE id = ANY($2::bigint[])`;

/** The newer change that goes in its place knows what this one has learned. */
const PASS_ON = `
  UPDATE changes SET kind = coalesce(n.kind, changes.kind), target_id = coalesce(n.target_id, changes.target_id)
  FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) AS n(id, key, kind, target_id)
  WHERE changes.scope = $1 AND changes.key = n.key AND changes.key = ANY($3::text[]) AND changes.state = 'planned' AND changes.id > n.id`;

/**
 * Surely not applied: planned again, perhaps as another kind, or only together with its half of a refused batch. Where the ledger has heard newer of the record, that
 * goes in its place, knowing what this change has learned.
 */
export async function planAgain(session: Session, { scope, runId, at }: Place, again: readonly Again[]): Promise<void> {
  if (again.length === 0) return;
  // The run that the changes go on in: their own while that is alive, else the live one of its scope; undefined where there is none.
  const next = optionalText((await session.get(CONTINUING, runId)) ?? {}, 'id');
  // A later run looks by itself for what has gone.
  const given = next === runId ? [] : again.filter(({ change }) => change.isDelete);
  const ones = again.filter((each) => !given.includes(each));
  const kept =
    next === runId ? ones.filter(({ change }) => change.isLatest || change.isDelete) : next === undefined ? [] : await adopt(session, scope, ones, next);
  const replaced = ones.filter((each) => !kept.includes(each));
  if (kept.length > 0) await plan(session, kept);
  const dropped = [...given, ...replaced].map(({ change }) => change.id);
  if (dropped.length > 0) await session.run(DROP, at, dropped);
  if (replaced.length > 0) await passOn(session, scope, replaced);
  await noteAnswered(
    session,
    scope,
    ones.map(({ change }) => change.key),
  );
}

async function plan(session: Session, kept: readonly Again[]): Promise<void> {
  await session.run(
    PLAN,
    kept.map(({ change }) => change.id),
    kept.map(({ outcome }) => outcome.batchLimit ?? null),
    kept.map(({ outcome }) => outcome.group ?? null),
    kept.map(({ outcome }) => outcome.kind ?? null),
    kept.map(({ outcome }) => outcome.targetId ?? null),
  );
}

async function passOn(session: Session, scope: string, replaced: readonly Again[]): Promise<void> {
  await session.run(
    PASS_ON,
    scope,
    replaced.map(({ change }) => change.id),
    replaced.map(({ change }) => change.key),
    replaced.map(({ outcome }) => outcome.kind ?? null),
    replaced.map(({ outcome }) => outcome.targetId ?? null),
  );
}

const SIGHTINGS = 'SELECT key, last_run, disposition, reason, change_id FROM sightings WHERE scope = $1 AND key = ANY($2::text[])';

const SIGHT = `
  UPDATE sightings SET last_run = $2, disposition = 'change', reason = NULL, change_id = n.id FROM unnest($3::text[], $4::bigint[]) AS n(key, id)
  WHERE sightings.scope = $1 AND sightings.key = n.key AND sightings.key = ANY($3::text[])`;

/**
 * Changes of a run that has ended go on in the live one, which may have moved past their records: as records it held for these changes' sake, or as ones retried from
 * earlier. @returns those on whose records the live run has no newer word
 */
async function adopt(session: Session, scope: string, ones: readonly Again[], runId: string): Promise<readonly Again[]> {
  const rows = await session.all(
    SIGHTINGS,
    scope,
    ones.map(({ change }) => change.key),
  );
  const sightings = new Map(rows.map((row) => [text(row, 'key'), row]));
  const counts = new Counts();
  const adopted = ones.filter(({ change }) => {
    const sighting = sightings.get(change.key);
    if (sighting === undefined) return false;
    if (text(sighting, 'last_run') !== runId) counts.add('retried');
    else if (optionalNumber(sighting, 'change_id') === undefined && optionalText(sighting, 'reason') === 'unknown') counts.add('held', -1);
    else return false;
    return true;
  });
  if (adopted.length === 0) return [];
  const segment = await firstSegment(session, runId);
  const ids = adopted.map(({ change }) => change.id);
  await session.run(
    SIGHT,
    scope,
    runId,
    adopted.map(({ change }) => change.key),
    ids,
  );
  await session.run('UPDATE changes SET run_id = $2, segment = $3 WHERE id = ANY($1::bigint[])', ids, runId, segment);
  await saveCounts(session, counts, runId, segment);
  return adopted;
}

/** Its writer is the one that looks into what earlier runs have left. */
async function firstSegment(session: Session, runId: string): Promise<number> {
  return number((await session.get('SELECT coalesce(min(idx), 0) AS idx FROM segments WHERE run_id = $1 AND idx >= 0', runId)) ?? {}, 'idx');
}
