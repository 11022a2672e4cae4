import type { MetricDeclaration } from '../worker/sight/metric-catalog.ts';

/** What happened how often, since the listener began. */
export interface Count {
  readonly name: CountName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All that a listener counts. Labels are names of the definitions and fixed words, never what came from outside. */
export const LISTENER_METRICS = {
  deliveries: {
    name: 'syncline_webhook_deliveries_total',
    type: 'counter',
    labels: ['connection', 'outcome'],
    help: 'Webhook deliveries: `accepted`, `repeated`, `refused` (badly signed), `nothing-of-ours`, `unreadable`, `too-many`, `too-fast` or `not-durable`.',
  },
  events: {
    name: 'syncline_webhook_delivered_events_total',
    type: 'counter',
    labels: ['connection', 'outcome'],
    help: 'Events of deliveries: `accepted`, `repeated`, `passed-over` (for no sync) or `unreadable`.',
  },
  requests: {
    name: 'syncline_listener_requests_total',
    type: 'counter',
    labels: ['route', 'status'],
    help: 'Requests to the listener by route and status.',
  },
  wakes: {
    name: 'syncline_listener_wakes_total',
    type: 'counter',
    labels: ['sync', 'outcome'],
    help: 'Syncs with new events that were woken: `sent`, or `failed` and tried again.',
  },
} as const satisfies Readonly<Record<string, MetricDeclaration>>;

export type CountName = keyof typeof LISTENER_METRICS;

/** Counts in memory. */
export class Counts {
  readonly #counts = new Map<string, { readonly name: CountName; readonly labels: Readonly<Record<string, string>>; value: number }>();

  add(name: CountName, labels: Readonly<Record<string, string>>, by = 1): void {
    if (by === 0) return;
    const id = JSON.stringify([name, labels]);
    const count = this.#counts.get(id);
    if (count === undefined) this.#counts.set(id, { name, labels, value: by });
    else count.value += by;
  }

  list(): readonly Count[] {
    return [...this.#counts.values()].map((count) => ({ ...count }));
  }
}
