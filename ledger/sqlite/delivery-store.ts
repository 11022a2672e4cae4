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

/** Forgotten with each delivery that comes: in the long run, as many as come. */
const FORGET = 'DELETE FROM deliveries WHERE (connection, delivery_id) IN (SELECT connection, delivery_id FROM deliveries WHERE keep_until < ? LIMIT 4)';
const REMEMBER = 'INSERT INTO deliveries (connection, delivery_id, received_at, keep_until) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING';
const KEEP = 'INSERT INTO delivered_events (scope, key, kind, version, occurred_at, record, received_at, due_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)';
const ASK = `
  INSERT INTO event_wakes (scope, asked_at) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET asked_at = excluded.asked_at WHERE asked_at < ?3`;
const WOKEN = 'DELETE FROM event_wakes WHERE scope = ?';
const OPEN = `
  SELECT id, key, kind, version, occurred_at, received_at FROM delivered_events INDEXED BY events_open
  WHERE scope = ? AND drained_at IS NULL AND run_id IS NULL AND due_at <= ? ORDER BY id LIMIT ${EVENTS_AT_ONCE}`;
const PAUSED = 'SELECT min(due_at) AS due_at FROM delivered_events WHERE scope = ? AND drained_at IS NULL AND run_id IS NULL AND due_at > ?';
const TAKEN =
  'SELECT key, max(taken_at) AS taken_at FROM delivered_events WHERE scope = ?1 AND key IN (SELECT value FROM json_each(?2)) AND taken_at > ?3 GROUP BY key';
/** Of what is unknown nothing is in flight: it is held. */
const IN_FLIGHT = `
  SELECT c.key FROM changes c INDEXED BY in_flight_by_key WHERE c.scope = ?1 AND c.key IN (SELECT value FROM json_each(?2)) AND c.state = 'sending'
    AND NOT EXISTS (SELECT 1 FROM records r WHERE r.scope = c.scope AND r.key = c.key AND r.has_unknown = 1)`;
const PAYLOADS = 'SELECT id, record FROM delivered_events WHERE id IN (SELECT value FROM json_each(?)) AND record IS NOT NULL';
const TOLD_SINCE = 'SELECT 1 FROM records WHERE scope = ? AND key = ? AND content_hash = ?';
const CONFIRM = 'UPDATE records SET observed_at = max(coalesce(observed_at, 0), ?) WHERE scope = ? AND key = ?';
const TAKE = `
  UPDATE delivered_events SET run_id = ?1, segment = ?2, taken_at = ?3
  WHERE id IN (SELECT value FROM json_each(?4)) AND drained_at IS NULL AND run_id IS NULL`;
const IS_OF = 'run_id = ?1 AND (?2 IS NULL OR segment = ?2) AND drained_at IS NULL';
const AGAIN = `
  UPDATE delivered_events AS e SET run_id = NULL, segment = NULL, tries = tries + 1, due_at = ?3 WHERE ${IS_OF} AND tries < ${MOST_TRIES}
    AND (SELECT c.outcome FROM changes c WHERE c.scope = e.scope AND c.key = e.key AND c.run_id = ?1 ORDER BY c.id DESC LIMIT 1) = 'superseded'`;
const DRAIN = `UPDATE delivered_events SET drained_at = ?3, record = NULL WHERE ${IS_OF}`;
const COUNT = `
  SELECT scope, count(*) AS open, min(received_at) AS oldest_at FROM delivered_events INDEXED BY events_open
  WHERE drained_at IS NULL AND substr(scope, 1, length(?1)) = ?1 AND (?2 OR scope = ?1) GROUP BY scope ORDER BY scope`;

type Accepted = Awaited<ReturnType<DeliveryStore['acceptDelivery']>>;

export function createDeliveryStore(database: Database, vault: Vault): DeliveryStore {
  return {
    acceptDelivery: (delivery) => database.write(() => accept(database, vault, delivery)),
    listDueEvents: (query) =>
      database.writeLazily(() => {
        const { scope } = query;
        database.run(WOKEN, scope);
        const at = Math.round(query.at);
        const rows = database.all(OPEN, scope, at);
        const keys = JSON.stringify([...new Set(rows.map((row) => text(row, 'key')))]);
        const taken = database.all(TAKEN, scope, keys, Math.round(at - query.settleMs * LONGEST_SETTLE));
        const known = {
          takenAt: new Map(taken.map((row) => [text(row, 'key'), number(row, 'taken_at')])),
          inFlight: new Set(database.all(IN_FLIGHT, scope, keys).map((row) => text(row, 'key'))),
        };
        const { due, nextAt } = chooseDue(rows, known, { ...query, at });
        const payloads = readPayloads(vault, database.all(PAYLOADS, JSON.stringify(due.map(({ newestId }) => newestId))));
        const pausedTo = optionalNumber(database.get(PAUSED, scope, at) ?? {}, 'due_at');
        return defined({
          due: due.map(({ newestId, ...event }) => defined({ ...event, record: payloads.get(newestId) })),
          nextAt: soonest(nextAt, pausedTo),
        });
      }),
    takeEvents: ({ runId, segment, events, observedAt, at }) =>
      database.writeLazily(() => {
        const scope = text(database.get('SELECT scope FROM runs WHERE id = ?', runId) ?? {}, 'scope');
        const keys = JSON.stringify(events.filter(isAsFound).map(({ key }) => key));
        const inFlight = new Set(database.all(IN_FLIGHT, scope, keys).map((row) => text(row, 'key')));
        for (const event of events) {
          if (inFlight.has(event.key)) continue;
          if (event.unchanged !== undefined) {
            if (database.get(TOLD_SINCE, scope, event.key, event.unchanged) === undefined) continue;
            database.run(CONFIRM, Math.round(observedAt), scope, event.key);
          }
          database.run(TAKE, runId, event.awaitsEnd === true ? null : segment, Math.round(at), JSON.stringify(event.ids));
        }
      }),
    settleEvents: ({ runId, segment, againAt, at }) =>
      database.writeLazily(() => {
        database.run(AGAIN, runId, segment ?? null, Math.round(againAt));
        database.run(DRAIN, runId, segment ?? null, Math.round(at));
      }),
    countOpenEvents: (scopePrefix) => database.read(() => database.all(COUNT, scopePrefix, scopePrefix.endsWith('/') ? 1 : 0).map(readOpenEvents)),
  };
}

/** Events of a run that has ended, and did not do what they ask for, are open for the next one. */
export function releaseEvents(database: Database, runId: string): void {
  database.run('UPDATE delivered_events SET run_id = NULL, segment = NULL WHERE run_id = ? AND drained_at IS NULL', runId);
}

function accept(database: Database, vault: Vault, { connection, deliveryId, events, ...times }: Delivery): Accepted {
  const [receivedAt, keepUntil] = [Math.round(times.receivedAt), Math.round(times.keepUntil)];
  database.run(FORGET, receivedAt);
  if (database.run(REMEMBER, connection, deliveryId, receivedAt, keepUntil) === 0) return { accepted: false, wake: [] };
  for (const event of events) {
    const { scope, key, kind, version = null } = event;
    database.run(KEEP, scope, key, kind, version, occurredAtOf(event), sealedRecord(vault, event), receivedAt);
  }
  const scopes = [...new Set(events.map(({ scope }) => scope))];
  return { accepted: true, wake: scopes.filter((scope) => database.run(ASK, scope, receivedAt, receivedAt - ASK_AGAIN_MS) > 0) };
}
