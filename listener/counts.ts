/** What happened how often, since the listener began. */
export interface Count {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Names as Prometheus has them, with their meaning. */
export const COUNT_NAMES = {
  syncline_webhook_deliveries_total: 'Webhook deliveries, by connection and by what became of them',
  syncline_webhook_events_total: 'Events of webhook deliveries, by connection and by what became of them',
  syncline_listener_requests_total: 'Requests to the listener, by route and status',
  syncline_wakes_total: 'Wakes of syncs with events, by sync and by whether they were taken',
} as const;

/** Counts in memory. Labels are names of the definitions and fixed words, never what came from outside. */
export class Counts {
  readonly #counts = new Map<string, { readonly name: keyof typeof COUNT_NAMES; readonly labels: Readonly<Record<string, string>>; value: number }>();

  add(name: keyof typeof COUNT_NAMES, labels: Readonly<Record<string, string>>, by = 1): void {
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
