import type { Sweep } from '../../engine/sweep.ts';
import type { DeleteStore } from '../delete-store.ts';
import { readPayload } from '../rows/payload.ts';
import { defined, number, optionalText, text } from '../rows/row.ts';
import { FAILURES_FORGOTTEN } from '../rows/segment-row.ts';
import { ARCHIVED } from '../rows/taken-content.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { passOnShared } from './pass-on-shared.ts';
import { stageDeletes } from './stage-deletes.ts';
import { readSweep, writeSweep } from './sweep-row.ts';

/** What the target was told of, and was not taken from it. */
const TOLD = `r.scope = ?1 AND r.content_hash IS NOT NULL AND r.content_hash <> '${ARCHIVED}'`;

/** By a run of events: what that has seen is its own until it is closed. */
const SEEN_BESIDE = `
  SELECT 1 FROM runs w INDEXED BY one_live_run JOIN sightings l ON l.scope = w.scope || w.lane AND l.key = r.key
  WHERE w.scope = ?1 AND w.lane <> '' AND w.state IN ('running', 'paused') AND l.disposition <> 'skipped'`;

/** Met in this run, and left out; or, where all was read, not met since it began. */
const MISSING = `
  FROM runs run JOIN records r ON ${TOLD} JOIN sightings s ON s.scope = r.scope || run.lane AND s.key = r.key
  WHERE run.id = ?2 AND NOT r.has_unknown
    AND ((s.last_run = ?2 AND s.disposition = 'skipped' AND s.reason IN ('filter', 'tombstone', 'gone')) OR (?3 AND s.last_run <> ?2 AND s.last_seen_at < run.started_at AND NOT EXISTS (${SEEN_BESIDE})))
    AND (run.options ->> '$.plan' IS NULL OR EXISTS (SELECT 1 FROM planned_records p WHERE p.run_id = ?2 AND p.key = r.key AND p.action IN ('delete', 'archive')))`;

/** When the last complete read before this run began: what was last seen before that, it missed, too. */
const EARLIER_READ = `
  SELECT max(started_at) FROM runs WHERE scope = ?1 AND id <> ?2 AND state IN ('completed', 'completed-with-rejections') AND window ->> '$.from' IS NULL
    AND options ->> '$.keys' IS NULL AND options ->> '$.limit' IS NULL AND options ->> '$.retry' IS NULL AND options ->> '$.plan' IS NULL
    AND options ->> '$.events' IS NULL`;

const NOTE_MISSING = `
  INSERT INTO absences (run_id, key, state)
  SELECT ?2, r.key, CASE WHEN s.last_run = ?2 AND (s.reason <> 'gone' OR NOT ?4) THEN 'due' WHEN ?4 THEN 'missing' WHEN s.last_seen_at < (${EARLIER_READ}) THEN 'due' ELSE 'unconfirmed' END
  ${MISSING} AND (?5 OR r.is_created) ON CONFLICT DO NOTHING`;

const DUE = `SELECT a.key, r.target_id, r.payload FROM absences a JOIN runs run ON run.id = a.run_id JOIN records r ON r.scope = run.scope AND r.key = a.key
  WHERE a.run_id = ? AND a.state = 'due' AND a.key > ? ORDER BY a.key LIMIT ?`;

/** The source has answered. */
const FORGET_FAILURES = `UPDATE segments SET ${FAILURES_FORGOTTEN.join(', ')} WHERE run_id = ? AND failures > 0`;

export function createDeleteStore(database: Database, vault: Vault): DeleteStore {
  const count = (sql: string, ...values: (string | number)[]) => number(database.get(`SELECT count(*) AS n ${sql}`, ...values) ?? {}, 'n');
  const countTold = (scope: string) => count(`FROM records r WHERE ${TOLD}`, scope);
  const scopeOf = (runId: string) => text(database.get('SELECT scope FROM runs WHERE id = ?', runId) ?? {}, 'scope');
  const counted = (runId: string): Pick<Sweep, 'due' | 'unconfirmed'> => ({
    due: count(`FROM absences WHERE run_id = ? AND state = 'due'`, runId),
    unconfirmed: count(`FROM absences WHERE run_id = ? AND state = 'unconfirmed'`, runId),
  });

  return {
    beginSweep: ({ runId, isComplete, scope, canConfirm }) =>
      database.write(() => {
        const known = readSweep(database, runId);
        if (known !== undefined) return known;
        const of = scopeOf(runId);
        const flags = [of, runId, Number(isComplete), Number(canConfirm), Number(scope === 'linked')] as const;
        database.run(NOTE_MISSING, ...flags);
        const extra = scope === 'linked' ? 0 : count(`${MISSING} AND NOT r.is_created`, of, runId, Number(isComplete));
        return writeSweep(database, runId, { state: 'looking', known: countTold(of), extra, ...counted(runId) });
      }),
    noteSweep: (runId, sweep) => database.write(() => writeSweep(database, runId, sweep)),
    countTold: (scope) => database.read(() => countTold(scope)),
    listUnconfirmed: (runId, limit) =>
      database.read(() =>
        database.all(`SELECT key FROM absences WHERE run_id = ? AND state = 'missing' ORDER BY key LIMIT ?`, runId, limit).map((row) => text(row, 'key')),
      ),
    confirmMissing: (runId, answers) =>
      database.write(() => {
        for (const { key, isGone } of answers) database.run('UPDATE absences SET state = ? WHERE run_id = ? AND key = ?', isGone ? 'due' : 'kept', runId, key);
        if (answers.length > 0) database.run(FORGET_FAILURES, runId);
        return writeSweep(database, runId, counted(runId));
      }),
    doubtMissing: (runId) =>
      database.write(() => {
        // What the run itself met as left out needs no second word.
        const sql = `UPDATE absences SET state = 'missing' WHERE run_id = ?1 AND state = 'due'
          AND NOT EXISTS (SELECT 1 FROM runs run JOIN sightings s ON s.scope = run.scope || run.lane WHERE run.id = ?1 AND s.key = absences.key AND s.last_run = ?1)`;
        database.run(sql, runId);
      }),
    passOnShared: (input) =>
      database.write(() => {
        const { runId } = input;
        const { shared, segment } = passOnShared(database, vault, input);
        const before = readSweep(database, runId)?.shared ?? 0;
        return defined({ sweep: writeSweep(database, runId, { ...counted(runId), shared: before + shared }), segment });
      }),
    listDue: (runId, { afterKey = '', limit }) =>
      database.read(() =>
        database.all(DUE, runId, afterKey, limit).map((row) => {
          const payload = optionalText(row, 'payload');
          return defined({
            key: text(row, 'key'),
            targetId: optionalText(row, 'target_id'),
            match: payload === undefined ? undefined : readPayload(vault, payload).match,
          });
        }),
      ),
    stageDeletes: (input) => database.write(() => stageDeletes(database, vault, input)),
  };
}
