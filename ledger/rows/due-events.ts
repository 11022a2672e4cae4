import { compareCursorValues } from '../../engine/cursor-value.ts';
import type { JsonObject } from '../../engine/json.ts';
import type { DeliveredEvent, DueEvent, DueEvents, OpenEvents, TakenEvent } from '../delivery-store.ts';
import type { Vault } from '../vault.ts';
import { defined, number, optionalNumber, optionalText, type Row, text } from './row.ts';

/** So many of the oldest open events are looked through at once: what is beyond waits for its turn. */
export const EVENTS_AT_ONCE = 10_000;
/** A record that gets events without end is read every so many times the pause that it should have had. */
export const LONGEST_SETTLE = 5;
/** Who was asked to look and has not come for so long is asked again. */
export const ASK_AGAIN_MS = 30_000;
/** So often an event is open again because its change was out of date. */
export const MOST_TRIES = 3;
/** A record whose change is in flight is looked at again so soon. */
const IN_FLIGHT_MS = 1_000;

type Newest = Omit<DueEvent, 'ids' | 'record'> & { readonly id: number };

interface Gathered {
  newest: Newest;
  readonly ids: number[];
  readonly firstAt: number;
  lastAt: number;
}

/** What of the open events is due now: see `DeliveryStore.listDueEvents`. The newest of each record is known by `newestId`, under which its payload is found. */
export interface ChosenEvents {
  readonly due: readonly (Omit<DueEvent, 'record'> & { readonly newestId: number })[];
  readonly nextAt: DueEvents['nextAt'];
}

/**
 * @param rows open events, oldest first
 * @param takenAt by key: when events of it were taken last
 * @param inFlight keys that have a change in flight
 */
export function chooseDue(
  rows: readonly Row[],
  known: { readonly takenAt: ReadonlyMap<string, number>; readonly inFlight: ReadonlySet<string> },
  { limit, settleMs, at }: { readonly limit: number; readonly settleMs: number; readonly at: number },
): ChosenEvents {
  const due: (Omit<DueEvent, 'record'> & { readonly newestId: number })[] = [];
  // There may be more than were looked through.
  let nextAt = rows.length < EVENTS_AT_ONCE ? undefined : at;
  for (const [key, { newest, ids, firstAt, lastAt }] of gather(rows)) {
    const isSettling = at - (known.takenAt.get(key) ?? Number.NEGATIVE_INFINITY) < settleMs * LONGEST_SETTLE;
    const settledAt = isSettling ? Math.min(lastAt + settleMs, firstAt + settleMs * LONGEST_SETTLE) : at;
    const dueAt = known.inFlight.has(key) ? Math.max(settledAt, at + IN_FLIGHT_MS) : settledAt;
    const { id, ...event } = newest;
    if (dueAt <= at && due.length < limit) due.push({ ...event, key, ids, newestId: id });
    else nextAt = Math.min(nextAt ?? Number.POSITIVE_INFINITY, Math.max(dueAt, at));
  }
  return { due, nextAt };
}

/** By key, in the order in which each was first heard of. */
function gather(rows: readonly Row[]): ReadonlyMap<string, Gathered> {
  const byKey = new Map<string, Gathered>();
  for (const row of rows) {
    const event = readEvent(row);
    const gathered = byKey.get(event.key);
    if (gathered === undefined) {
      byKey.set(event.key, { newest: event, ids: [event.id], firstAt: event.receivedAt, lastAt: event.receivedAt });
      continue;
    }
    gathered.ids.push(event.id);
    gathered.lastAt = Math.max(gathered.lastAt, event.receivedAt);
    if (!isOlderEvent(event, gathered.newest)) gathered.newest = event;
  }
  return byKey;
}

function isOlderEvent(event: Newest, than: Newest): boolean {
  if (event.version !== undefined && than.version !== undefined) {
    const order = compareCursorValues(event.version, than.version);
    if (order !== 0) return order < 0;
  }
  return event.occurredAt !== undefined && than.occurredAt !== undefined && event.occurredAt < than.occurredAt;
}

function readEvent(row: Row): Newest {
  const kind: DueEvent['kind'] = text(row, 'kind') === 'deleted' ? 'deleted' : 'changed';
  return defined({
    id: number(row, 'id'),
    key: text(row, 'key'),
    kind,
    version: optionalText(row, 'version'),
    occurredAt: optionalNumber(row, 'occurred_at'),
    receivedAt: number(row, 'received_at'),
  });
}

/** Nothing is sent for it: what is in flight meanwhile may not be what was found. */
export function isAsFound({ unchanged, isLeftOut }: TakenEvent): boolean {
  return unchanged !== undefined || isLeftOut === true;
}

export function occurredAtOf({ occurredAt }: DeliveredEvent): number | null {
  return occurredAt === undefined ? null : Math.round(occurredAt);
}

export function sealedRecord(vault: Vault, { record }: DeliveredEvent): string | null {
  return record === undefined ? null : vault.write(record, true);
}

/** @returns the records of events, by the id of the event */
export function readPayloads(vault: Vault, rows: readonly Row[]): ReadonlyMap<number, JsonObject> {
  return new Map(rows.map((row) => [number(row, 'id'), vault.readObject(text(row, 'record'))]));
}

export function readOpenEvents(row: Row): OpenEvents {
  return { scope: text(row, 'scope'), open: number(row, 'open'), oldestAt: number(row, 'oldest_at') };
}

export function soonest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
