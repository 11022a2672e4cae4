import { z } from 'zod';
import type { Source, SourceRecord } from '../connectors/ports.ts';
import type { Json } from '../engine/json.ts';
import type { PageReader, ReadPage } from './read-page.ts';

/** Records of one page where they are fetched one by one. */
const SMALL_PAGE = 20;

/** Named keys, fetched one by one. */
export class KeysReader implements PageReader {
  readonly #source: Source;
  readonly #readOne: NonNullable<Source['readOne']>;
  readonly #keys: readonly string[];
  readonly #now: () => number;

  constructor(source: Source, readOne: NonNullable<Source['readOne']>, keys: readonly string[], now: () => number) {
    this.#source = source;
    this.#readOne = readOne;
    this.#keys = keys;
    this.#now = now;
  }

  async readPage(cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage> {
    const from = z.number().default(0).parse(cursor);
    const observedAt = this.#now();
    const records: SourceRecord[] = [];
    for (const key of this.#keys.slice(from, from + SMALL_PAGE)) {
      const record = await this.#readOne.call(this.#source, key, signal);
      if (record !== undefined) records.push(record);
    }
    const next = from + SMALL_PAGE;
    return { records, next: next < this.#keys.length ? next : undefined, observedAt, bytes: 0, total: this.#keys.length };
  }
}
