import type { ChangeOutcome, RefusalTerms } from '../ledger.ts';
import { optionalNumber, optionalText, text } from '../rows/row.ts';
import { Counts } from '../rows/segment-row.ts';
import type { SendingChange } from '../rows/sending-change.ts';
import { noteAnswered, noteHolds } from './refusals.ts';
import { saveCounts } from './segment-row.ts';
import { readTexts } from './sending-change.ts';
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
  readonly terms: RefusalTerms;
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
export async function planAgain(session: Session, { scope, runId, at, terms }: Place, again: readonly Again[]): Promise<void> {
  if (again.length === 0) return;
  // The run that the changes go on in: their own while that is alive, else the live one of its scope; undefined where there is none.
  const next = optionalText((await session.get(CONTINUING, runId)) ?? {}, 'id');
  // A later run looks by itself for what has gone.
  const given = next === runId ? [] : again.filter(({ change }) => change.isDelete);
  const ones = again.filter((each) => !given.includes(each));
  const kept =
    next === runId
      ? ones.filter(({ change }) => change.isLatest || change.isAside || change.isDelete)
      : await passToLive(
          session,
          { scope, runId, at, terms },
          ones.filter(({ change }) => !change.isAside),
          next,
        );
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

const SIGHTINGS = 'SELECT key, last_run, reason, change_id FROM sightings WHERE scope = $1 AND key = ANY($2::text[])';

const SIGHT = `
  UPDATE sightings SET last_run = $2, disposition = 'change', reason = NULL, change_id = n.id FROM unnest($3::text[], $4::bigint[]) AS n(key, id)
  WHERE sightings.scope = $1 AND sightings.key = n.key AND sightings.key = ANY($3::text[])`;

/** A segment of a run that somebody writes for as long as something is planned in it. The first one's writer looks into what runs have left that had ended before. */
const SEGMENT = `
  SELECT s.idx FROM segments s JOIN runs l ON l.id = s.run_id JOIN runs own ON own.id = $2 WHERE s.run_id = $1 AND s.idx >= 0 AND s.is_sweep = 0
    AND (s.state = 'open' OR (s.idx = 0 AND own.ended_at <= l.started_at) OR EXISTS (SELECT 1 FROM batches b WHERE b.run_id = s.run_id AND b.segment = s.idx AND b.state <> 'settled')
      OR EXISTS (SELECT 1 FROM changes c WHERE c.run_id = s.run_id AND c.segment = s.idx AND c.state = 'planned'))
  ORDER BY s.idx LIMIT 1`;

/**
 * Changes of a run that has ended go on in the live one, which may have moved past their records: as records that it held for their sake, or as ones retried from
 * earlier. Where there is none, or nobody would write them, they are held: a later run tries them again, from their source.
 * @returns those that go on; there the live run has no newer word on the record
 */
async function passToLive(session: Session, { scope, runId, at, terms }: Place, ones: readonly Again[], next: string | undefined): Promise<readonly Again[]> {
  if (ones.length === 0) return [];
  const keys = ones.map(({ change }) => change.key);
  const rows = next === undefined ? [] : await session.all(SIGHTINGS, scope, keys);
  const sightings = new Map(rows.map((row) => [text(row, 'key'), row]));
  const isSeen = ({ change }: Again) => next !== undefined && sightings.get(change.key)?.['last_run'] === next;
  const isHeld = (each: Again) => {
    const sighting = sightings.get(each.change.key) ?? {};
    return isSeen(each) && optionalNumber(sighting, 'change_id') === undefined && optionalText(sighting, 'reason') === 'unknown';
  };
  const unseen = ones.filter((each) => !isSeen(each) && (next === undefined || sightings.has(each.change.key)));
  const segment = next === undefined ? undefined : optionalNumber((await session.get(SEGMENT, next, runId)) ?? {}, 'idx');
  if (next === undefined || segment === undefined) {
    const latest = unseen.filter(({ change }) => change.isLatest).map(({ change }) => change);
    const texts = await readTexts(
      session,
      latest.map(({ id }) => id),
    );
    const holds = latest.map(({ id, key }) => ({ key, source: texts.get(id)?.source ?? '', isWaiting: true }));
    await noteHolds(session, { scope, at, terms }, holds);
    return [];
  }
  const held = ones.filter(isHeld);
  const counts = new Counts();
  for (const _ of unseen) counts.add('retried');
  for (const _ of held) counts.add('held', -1);
  await saveCounts(session, counts, next, segment);
  await adopt(session, scope, [...unseen, ...held], { runId: next, segment });
  return [...unseen, ...held];
}

async function adopt(session: Session, scope: string, ones: readonly Again[], to: { readonly runId: string; readonly segment: number }): Promise<void> {
  if (ones.length === 0) return;
  const ids = ones.map(({ change }) => change.id);
  const keys = ones.map(({ change }) => change.key);
  await session.run(SIGHT, scope, to.runId, keys, ids);
  await session.run('UPDATE changes SET run_id = $2, segment = $3 WHERE id = ANY($1::bigint[])', ids, to.runId, to.segment);
}
