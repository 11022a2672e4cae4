import type { Delivery, DeliveryStore } from '../delivery-store.ts';
import {
  ASK_AGAIN_MS,
  chooseDue,
  EVENTS_AT_ONCE,
  isAsFound,
  LONGEST_SETTLE,
  MOST_TRIES,
  occurredAtOf,
  readOpenEvents,
  readPayloads,
  sealedRecord,
  soonest,
} from '../rows/due-events.ts';
import { defined, number, optionalNumber, text } from '../rows/row.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { lockScopeOfRun } from './locks.ts';
import type { Session } from './session.ts';

/** Forgotten with each delivery that comes: in the long run, as many as come. */
const FORGET = `
  DELETE FROM deliveries d USING (SELECT connection, delivery_id FROM deliveries WHERE keep_until < $1 ORDER BY keep_until LIMIT 4 FOR UPDATE SKIP LOCKED) old
  WHERE d.connection = old.connection AND d.delivery_id = old.delivery_id`;
const REMEMBER = 'INSERT INTO deliveries (connection, delivery_id, received_at, keep_until) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING';
const KEEP = `
  INSERT INTO delivered_events (scope, key, kind, version, occurred_at, record, received_at, due_at)
  SELECT e.*, $1::bigint, $1::bigint FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[]) AS e(scope, key, kind, version, occurred_at, record)`;
const ASKED = 'SELECT asked_at FROM event_wakes WHERE scope = $1 FOR SHARE';
const ASK = `
  INSERT INTO event_wakes AS w (scope, asked_at) VALUES ($1, $2) ON CONFLICT (scope) DO UPDATE SET asked_at = excluded.asked_at WHERE w.asked_at < $3`;
const OPEN = `
  SELECT id, key, kind, version, occurred_at, received_at FROM delivered_events
  WHERE scope = $1 AND drained_at IS NULL AND run_id IS NULL AND due_at <= $2 ORDER BY id LIMIT ${EVENTS_AT_ONCE}`;
const PAUSED = 'SELECT min(due_at) AS due_at FROM delivered_events WHERE scope = $1 AND drained_at IS NULL AND run_id IS NULL AND due_at > $2';
const TAKEN = 'SELECT key, max(taken_at) AS taken_at FROM delivered_events WHERE scope = $1 AND key = ANY($2::text[]) AND taken_at > $3 GROUP BY key';
/** Of what is unknown nothing is in flight: it is held. */
const IN_FLIGHT = `
  SELECT c.key FROM changes c WHERE c.scope = $1 AND c.key = ANY($2::text[]) AND c.state = 'sending'
    AND NOT EXISTS (SELECT 1 FROM records r WHERE r.scope = c.scope AND r.key = c.key AND r.has_unknown = 1 OFFSET 0)`;
const PAYLOADS = 'SELECT id, record FROM delivered_events WHERE id = ANY($1::bigint[]) AND record IS NOT NULL';
/** @returns those that are still as the target was told */
const CONFIRM = `
  UPDATE records r SET observed_at = greatest(coalesce(r.observed_at, 0), $2) FROM unnest($3::text[], $4::text[]) AS u(key, hash)
  WHERE r.scope = $1 AND r.key = u.key AND r.key = ANY($3::text[]) AND r.content_hash = u.hash RETURNING r.key`;
const TAKE = `
  UPDATE delivered_events SET run_id = $1, segment = $2, taken_at = $3 WHERE id = ANY($4::bigint[]) AND drained_at IS NULL AND run_id IS NULL`;
const IS_OF = 'run_id = $1 AND ($2::integer IS NULL OR segment = $2) AND drained_at IS NULL';
const AGAIN = `
  UPDATE delivered_events AS e SET run_id = NULL, segment = NULL, tries = tries + 1, due_at = $3 WHERE ${IS_OF} AND tries < ${MOST_TRIES}
    AND (SELECT c.outcome FROM changes c WHERE c.scope = e.scope AND c.key = e.key AND c.run_id = $1 ORDER BY c.id DESC LIMIT 1) = 'superseded'`;
const DRAIN = `UPDATE delivered_events SET drained_at = $3, record = NULL WHERE ${IS_OF}`;
const COUNT = `
  SELECT scope, count(*) AS open, min(received_at) AS oldest_at FROM delivered_events
  WHERE drained_at IS NULL AND starts_with(scope, $1) AND ($2 OR scope = $1) GROUP BY scope ORDER BY scope`;

export function createDeliveryStore(database: Database, vault: Vault): DeliveryStore {
  const keysOf = async (sql: string, scope: string, keys: readonly string[]) => new Set((await database.all(sql, scope, keys)).map((row) => text(row, 'key')));
  return {
    acceptDelivery: (delivery) => database.write((session) => accept(session, vault, delivery)),
    listDueEvents: async (query) => {
      const { scope } = query;
      // Waits for those that are accepting events of it: what they keep is seen below, or asks again.
      await database.run('DELETE FROM event_wakes WHERE scope = $1', scope);
      const at = Math.round(query.at);
      const rows = await database.all(OPEN, scope, at);
      const keys = [...new Set(rows.map((row) => text(row, 'key')))];
      const taken = await database.all(TAKEN, scope, keys, Math.round(at - query.settleMs * LONGEST_SETTLE));
      const takenAt = new Map(taken.map((row) => [text(row, 'key'), number(row, 'taken_at')]));
      const { due, nextAt } = chooseDue(rows, { takenAt, inFlight: await keysOf(IN_FLIGHT, scope, keys) }, { ...query, at });
      const payloads = readPayloads(
        vault,
        await database.all(
          PAYLOADS,
          due.map(({ newestId }) => newestId),
        ),
      );
      const pausedTo = optionalNumber((await database.get(PAUSED, scope, at)) ?? {}, 'due_at');
      return defined({
        due: due.map(({ newestId, ...event }) => defined({ ...event, record: payloads.get(newestId) })),
        nextAt: soonest(nextAt, pausedTo),
      });
    },
    takeEvents: (input) =>
      database.write(async (session) => {
        await lockScopeOfRun(session, input.runId);
        await take(session, input);
      }),
    settleEvents: ({ runId, segment, againAt, at }) =>
      database.write(async (session) => {
        await session.run(AGAIN, runId, segment ?? null, Math.round(againAt));
        await session.run(DRAIN, runId, segment ?? null, Math.round(at));
      }),
    countOpenEvents: async (scopePrefix) => (await database.all(COUNT, scopePrefix, scopePrefix.endsWith('/'))).map(readOpenEvents),
  };
}

/** Events of a run that has ended, and did not do what they ask for, are open for the next one. */
export async function releaseEvents(session: Session, runId: string): Promise<void> {
  await session.run('UPDATE delivered_events SET run_id = NULL, segment = NULL WHERE run_id = $1 AND drained_at IS NULL', runId);
}

async function accept(session: Session, vault: Vault, { connection, deliveryId, events, ...times }: Delivery): ReturnType<DeliveryStore['acceptDelivery']> {
  const [receivedAt, keepUntil] = [Math.round(times.receivedAt), Math.round(times.keepUntil)];
  await session.run(FORGET, receivedAt);
  if ((await session.run(REMEMBER, connection, deliveryId, receivedAt, keepUntil)) === 0) return { accepted: false, wake: [] };
  if (events.length === 0) return { accepted: true, wake: [] };
  await session.run(
    KEEP,
    receivedAt,
    events.map(({ scope }) => scope),
    events.map(({ key }) => key),
    events.map(({ kind }) => kind),
    events.map(({ version }) => version ?? null),
    events.map(occurredAtOf),
    events.map((event) => sealedRecord(vault, event)),
  );
  const wake: string[] = [];
  for (const scope of [...new Set(events.map((event) => event.scope))].toSorted()) if (await ask(session, scope, receivedAt)) wake.push(scope);
  return { accepted: true, wake };
}

/** Who has asked, or finds that another has, keeps the row until its events are there to be seen: nobody takes it away before. @returns whether it is this one that asks */
async function ask(session: Session, scope: string, at: number): Promise<boolean> {
  for (;;) {
    const asked = await session.get(ASKED, scope);
    if (asked !== undefined && number(asked, 'asked_at') >= at - ASK_AGAIN_MS) return false;
    if ((await session.run(ASK, scope, at, at - ASK_AGAIN_MS)) > 0) return true;
  }
}

async function take(session: Session, { runId, segment, events, observedAt, at }: Parameters<DeliveryStore['takeEvents']>[0]): Promise<void> {
  const scope = text((await session.get('SELECT scope FROM runs WHERE id = $1', runId)) ?? {}, 'scope');
  const asFound = events.filter(isAsFound).map(({ key }) => key);
  const inFlight = new Set((await session.all(IN_FLIGHT, scope, asFound)).map((row) => text(row, 'key')));
  const free = events.filter(({ key }) => !inFlight.has(key));
  const unchanged = free.flatMap(({ key, unchanged: hash }) => (hash === undefined ? [] : [{ key, hash }]));
  const confirmed = await session.all(
    CONFIRM,
    scope,
    Math.round(observedAt),
    unchanged.map(({ key }) => key),
    unchanged.map(({ hash }) => hash),
  );
  const still = new Set(confirmed.map((row) => text(row, 'key')));
  const taken = free.filter((event) => event.unchanged === undefined || still.has(event.key));
  for (const isOfEnd of [false, true]) {
    const ids = taken.filter(({ awaitsEnd }) => (awaitsEnd === true) === isOfEnd).flatMap((event) => event.ids);
    if (ids.length > 0) await session.run(TAKE, runId, isOfEnd ? null : segment, Math.round(at), ids);
  }
}
