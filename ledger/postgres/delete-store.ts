import type { Sweep } from '../../engine/sweep.ts';
import type { DeleteStore } from '../delete-store.ts';
import { readPayload } from '../rows/payload.ts';
import { defined, number, optionalText, text } from '../rows/row.ts';
import { FAILURES_FORGOTTEN } from '../rows/segment-row.ts';
import { ARCHIVED } from '../rows/taken-content.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { lockScopeOfRun } from './locks.ts';
import { passOnShared } from './pass-on-shared.ts';
import type { Session, Value } from './session.ts';
import { stageDeletes } from './stage-deletes.ts';
import { holdSweep, writeSweep } from './sweep-row.ts';

/** What the target was told of, and was not taken from it. */
const TOLD = `r.scope = $1 AND r.content_hash IS NOT NULL AND r.content_hash <> '${ARCHIVED}'`;

/** By a run of events: what that has seen is its own until it is closed. */
const SEEN_BESIDE = `
  SELECT 1 FROM runs w CROSS JOIN LATERAL (SELECT disposition FROM sightings WHERE scope = w.scope || w.lane AND key = r.key OFFSET 0) l
  WHERE w.scope = $1 AND w.lane <> '' AND w.state IN ('running', 'paused') AND l.disposition <> 'skipped' OFFSET 0`;

/** Met in this run, and left out; or, where all was read, not met since it began. */
const MISSING = `
  FROM runs run JOIN records r ON ${TOLD} CROSS JOIN LATERAL (SELECT * FROM sightings WHERE scope = r.scope || run.lane AND key = r.key OFFSET 0) s
  WHERE run.id = $2 AND r.has_unknown = 0
    AND ((s.last_run = $2 AND s.disposition = 'skipped' AND s.reason IN ('filter', 'tombstone', 'gone')) OR ($3 AND s.last_run <> $2 AND s.last_seen_at < run.started_at AND NOT EXISTS (${SEEN_BESIDE})))
    AND (run.options::json ->> 'plan' IS NULL OR EXISTS (SELECT 1 FROM planned_records p WHERE p.run_id = $2 AND p.key = r.key AND p.action IN ('delete', 'archive')))`;

/** When the last complete read before this run began: what was last seen before that, it missed, too. */
const EARLIER_READ = `
  SELECT max(started_at) FROM runs WHERE scope = $1 AND id <> $2 AND state IN ('completed', 'completed-with-rejections') AND "window"::json ->> 'from' IS NULL
    AND options::json ->> 'keys' IS NULL AND options::json ->> 'limit' IS NULL AND options::json ->> 'retry' IS NULL AND options::json ->> 'plan' IS NULL
    AND options::json ->> 'events' IS NULL`;

const NOTE_MISSING = `
  INSERT INTO absences (run_id, key, state)
  SELECT $2, r.key, CASE WHEN s.last_run = $2 AND (s.reason <> 'gone' OR NOT $4) THEN 'due' WHEN $4 THEN 'missing' WHEN s.last_seen_at < (${EARLIER_READ}) THEN 'due' ELSE 'unconfirmed' END
  ${MISSING} AND ($5 OR r.is_created = 1) ON CONFLICT DO NOTHING`;

const UNCONFIRMED = `SELECT key FROM absences WHERE run_id = $1 AND state = 'missing' ORDER BY key LIMIT $2`;

const CONFIRM =
  'UPDATE absences SET state = n.state FROM unnest($2::text[], $3::text[]) AS n(key, state) WHERE absences.run_id = $1 AND absences.key = n.key AND absences.key = ANY($2::text[])';

/** What the run itself met as left out needs no second word. */
const DOUBT = `
  UPDATE absences SET state = 'missing' WHERE run_id = $1 AND state = 'due'
    AND NOT EXISTS (SELECT 1 FROM sightings s WHERE s.scope = (SELECT scope || lane FROM runs WHERE id = $1) AND s.key = absences.key AND s.last_run = $1 OFFSET 0)`;

const DUE = `
  SELECT a.key, r.target_id, r.payload FROM absences a JOIN runs run ON run.id = a.run_id
    CROSS JOIN LATERAL (SELECT * FROM records WHERE scope = run.scope AND key = a.key OFFSET 0) r
  WHERE a.run_id = $1 AND a.state = 'due' AND a.key > $2 ORDER BY a.key LIMIT $3`;

/** The source has answered. */
const FORGET_FAILURES = `UPDATE segments SET ${FAILURES_FORGOTTEN.join(', ')} WHERE run_id = $1 AND failures > 0`;

export function createDeleteStore(database: Database, vault: Vault): DeleteStore {
  const alone = <Result>(runId: string, work: (session: Session) => Promise<Result>) =>
    database.write(async (session) => {
      await lockScopeOfRun(session, runId);
      return work(session);
    });

  return {
    beginSweep: ({ runId, isComplete, scope, canConfirm }) =>
      alone(runId, async (session) => {
        const known = await holdSweep(session, runId);
        if (known !== undefined) return known;
        const of = text((await session.get('SELECT scope FROM runs WHERE id = $1', runId)) ?? {}, 'scope');
        await session.run(NOTE_MISSING, of, runId, isComplete, canConfirm, scope === 'linked');
        const extra = scope === 'linked' ? 0 : await count(session, `${MISSING} AND r.is_created = 0`, of, runId, isComplete);
        return writeSweep(session, runId, { state: 'looking', known: await countTold(session, of), extra, ...(await counted(session, runId)) });
      }),
    noteSweep: (runId, sweep) => database.write((session) => writeSweep(session, runId, sweep)),
    countTold: (scope) => countTold(database, scope),
    listUnconfirmed: async (runId, limit) => (await database.all(UNCONFIRMED, runId, limit)).map((row) => text(row, 'key')),
    confirmMissing: (runId, answers) =>
      alone(runId, async (session) => {
        await session.run(
          CONFIRM,
          runId,
          answers.map(({ key }) => key),
          answers.map(({ isGone }) => (isGone ? 'due' : 'kept')),
        );
        if (answers.length > 0) await session.run(FORGET_FAILURES, runId);
        return writeSweep(session, runId, await counted(session, runId));
      }),
    doubtMissing: async (runId) => void (await alone(runId, (session) => session.run(DOUBT, runId))),
    passOnShared: (input) =>
      alone(input.runId, async (session) => {
        const { runId } = input;
        const before = (await holdSweep(session, runId))?.shared ?? 0;
        const { shared, segment } = await passOnShared(session, vault, input);
        return defined({ sweep: await writeSweep(session, runId, { ...(await counted(session, runId)), shared: before + shared }), segment });
      }),
    listDue: async (runId, { afterKey = '', limit }) =>
      (await database.all(DUE, runId, afterKey, limit)).map((row) => {
        const payload = optionalText(row, 'payload');
        const match = payload === undefined ? undefined : readPayload(vault, payload).match;
        return defined({ key: text(row, 'key'), targetId: optionalText(row, 'target_id'), match });
      }),
    stageDeletes: (input) => alone(input.runId, (session) => stageDeletes(session, vault, input)),
  };
}

async function count(session: Session, sql: string, ...values: readonly Value[]): Promise<number> {
  return number((await session.get(`SELECT count(*) AS n ${sql}`, ...values)) ?? {}, 'n');
}

function countTold(session: Session, scope: string): Promise<number> {
  return count(session, `FROM records r WHERE ${TOLD}`, scope);
}

async function counted(session: Session, runId: string): Promise<Pick<Sweep, 'due' | 'unconfirmed'>> {
  return {
    due: await count(session, `FROM absences WHERE run_id = $1 AND state = 'due'`, runId),
    unconfirmed: await count(session, `FROM absences WHERE run_id = $1 AND state = 'unconfirmed'`, runId),
  };
}
