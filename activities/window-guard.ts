import type { SourceRecord } from '../connectors/ports.ts';
import { compareInstants } from '../engine/cursor-value.ts';
import type { Json } from '../engine/json.ts';
import type { PageReader, ReadPage } from './read-page.ts';

export interface WindowGuardOptions {
  readonly window: { readonly from: string; readonly to: string };
  /** A record's value of the incremental field. */
  readonly placeOf: (record: SourceRecord) => Promise<string | undefined>;
  /** The list is ordered by that field: after the first page that is all beyond the window, nothing of it comes. */
  readonly isOrdered: boolean;
}

/** Pages of one window: APIs differ in whether a bound is included, and some know no end. What lies outside is not read by this run; what names no instant is. */
export class WindowGuard implements PageReader {
  readonly #pages: PageReader;
  readonly #options: WindowGuardOptions;

  constructor(pages: PageReader, options: WindowGuardOptions) {
    this.#pages = pages;
    this.#options = options;
  }

  finish(): boolean {
    return this.#pages.finish?.() ?? false;
  }

  async readPage(cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage> {
    const { window, placeOf, isOrdered } = this.#options;
    const { total: _, ...page } = await this.#pages.readPage(cursor, signal); // perhaps of more than the window
    const places = await Promise.all(page.records.map(placeOf));
    const isBefore = (at: string | undefined) => at !== undefined && (compareInstants(at, window.from) ?? 0) < 0;
    const isBeyond = (at: string | undefined) => at !== undefined && (compareInstants(at, window.to) ?? -1) >= 0;
    const records = page.records.filter((_record, index) => !isBefore(places[index]) && !isBeyond(places[index]));
    const isOver = isOrdered && places.length > 0 && places.every(isBeyond);
    return { ...page, records, next: isOver ? undefined : page.next };
  }
}
