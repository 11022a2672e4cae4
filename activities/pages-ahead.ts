import type { Json } from '../engine/json.ts';
import type { PageFacts } from './page-facts.ts';
import type { ReadPage } from './read-page.ts';

/** Pages that came, or are coming, before they are asked for. */
const MOST_AHEAD = 2;

/** A page that came, and what is being found out about its records. */
export interface Arrival {
  readonly page: ReadPage;
  readonly facts: Promise<PageFacts>;
}

export interface PagesAheadOptions {
  readonly read: (cursor: Json | undefined) => Promise<ReadPage>;
  /** @returns the page as far as it counts; `isEnd`: none is read after it, or none in this segment */
  readonly arrive: (page: ReadPage) => { readonly page: ReadPage; readonly isEnd: boolean };
  readonly findFacts: (page: ReadPage) => Promise<PageFacts>;
}

/** Pages of one list in their order, read while those before them are prepared and staged: no more than a few, so that whoever is slow holds back the reading. */
export class PagesAhead {
  readonly #options: PagesAheadOptions;
  readonly #coming: Promise<Arrival>[] = [];
  /** Where to read on: known once the page before came. */
  #next: { readonly cursor: Json | undefined } | undefined;

  constructor(cursor: Json | undefined, options: PagesAheadOptions) {
    this.#options = options;
    this.#next = { cursor };
    this.#readOn();
  }

  /** @returns undefined after the last one; rejects where a page could not be read */
  take(): Promise<Arrival> | undefined {
    const coming = this.#coming.shift();
    this.#readOn();
    return coming;
  }

  #readOn(): void {
    if (this.#next === undefined || this.#coming.length >= MOST_AHEAD) return;
    const coming = this.#arrival(this.#next.cursor);
    this.#next = undefined;
    // Looked at when it is taken.
    coming.catch(() => undefined);
    this.#coming.push(coming);
  }

  async #arrival(cursor: Json | undefined): Promise<Arrival> {
    const { read, arrive, findFacts } = this.#options;
    const { page, isEnd } = arrive(await read(cursor));
    if (!isEnd) this.#next = { cursor: page.next };
    // Before anything is done with this one.
    this.#readOn();
    const facts = findFacts(page);
    facts.catch(() => undefined);
    return { page, facts };
  }
}
