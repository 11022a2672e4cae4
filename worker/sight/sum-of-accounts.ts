import type { Gauge } from 'prom-client';

type Labels = Readonly<Record<string, string>>;

/** What windows come to by their labels: clients of one account are one, credentials of one connection that are accounts of their own are together. */
export class SumOfAccounts {
  readonly #noted = new Map<string, { readonly labels: Labels; readonly value: number }>();

  /** The last of an account counts. */
  note(account: string, labels: Labels, value: number): void {
    this.#noted.set(JSON.stringify([account, labels]), { labels, value });
  }

  /** @param gauge that was reset */
  give(gauge: Gauge): void {
    for (const { labels, value } of this.#noted.values()) gauge.inc(labels, value);
  }
}
