import { z } from 'zod';
import type { Json } from '../engine/json.ts';
import type { PageReader, ReadPage } from './read-page.ts';

/** In the slices: what the list announced as a whole, and the records that were each slice's own. Or in the list as a whole. */
const placeSchema = z.union([
  z.strictObject({ slices: z.json(), announced: z.number().optional(), own: z.int() }),
  z.strictObject({ list: z.json().optional() }),
]);

export interface WholeOptions {
  readonly slices: PageReader;
  /** The same records as one list, which announces its total. */
  readonly list: PageReader;
  readonly onMissing: (missing: number) => void;
}

/**
 * Slices that together are to be the whole list: a record may lie in none of them, because it has no date, or an id that is no number, or a value that nobody named. Where the
 * list announces more than all slices had, it is read once more as a whole; what was read already is staged once.
 */
export class WholeReader implements PageReader {
  readonly #options: WholeOptions;

  constructor(options: WholeOptions) {
    this.#options = options;
  }

  finish(): boolean {
    return this.#options.slices.finish?.() ?? false;
  }

  async readPage(cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage> {
    const { slices, list } = this.#options;
    const place = cursor === undefined ? undefined : placeSchema.parse(cursor);
    if (place !== undefined && !('slices' in place)) {
      const page = await list.readPage(place.list, signal);
      return { ...page, next: page.next === undefined ? undefined : { list: page.next } };
    }
    const [announced, page] = await Promise.all([place === undefined ? this.#announced(signal) : place.announced, slices.readPage(place?.slices, signal)]);
    const own = (place?.own ?? 0) + (page.own ?? page.records.length);
    const total = announced === undefined ? {} : { total: announced };
    if (page.next !== undefined) return { ...page, ...total, next: { slices: page.next, own, ...(announced === undefined ? {} : { announced }) } };
    return { ...page, ...total, next: (await this.#isWhole(own, announced, signal)) ? undefined : {} };
  }

  /** What has gone meanwhile was announced before, what has come since is announced after. */
  async #isWhole(own: number, before: number | undefined, signal: AbortSignal): Promise<boolean> {
    if (before === undefined || own >= before) return true;
    const announced = Math.min(before, (await this.#announced(signal)) ?? 0);
    if (own >= announced) return true;
    this.#options.onMissing(announced - own);
    return false;
  }

  async #announced(signal: AbortSignal): Promise<number | undefined> {
    return (await this.#options.list.readPage(undefined, signal)).total;
  }
}
