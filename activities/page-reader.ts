import { z } from 'zod';
import type { Page, Source, SourceRecord } from '../connectors/ports.ts';
import type { Json } from '../engine/json.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RunContext } from './run-context.ts';

/** Where a run's records come from: the object's list, named keys, or the rejected ones of earlier runs. The cursor is opaque, JSON, kept in the ledger. */
export interface PageReader {
  readPage(cursor: Json | undefined, signal: AbortSignal): Promise<Page>;
}

/** Records of one page where they are fetched one by one. */
const SMALL_PAGE = 20;

export function openPageReader(context: RunContext, ledger: Ledger, source: Source, now: () => number): PageReader {
  const { options, window } = context.run;
  if (options.retry === true) return new RejectedReader(context, ledger, source, now);
  if (options.keys !== undefined)
    return source.readOne === undefined ? new FilteredReader(source, options.keys) : new KeysReader(source, source.readOne, options.keys, now);
  return { readPage: (cursor, signal) => source.readPage({ window, cursor, signal }) };
}

/** Named keys, fetched one by one. */
class KeysReader implements PageReader {
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

  async readPage(cursor: Json | undefined, signal: AbortSignal): Promise<Page> {
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

/** Named keys of an API without a get: its list, read until all are found. */
class FilteredReader implements PageReader {
  readonly #source: Source;
  readonly #keys: ReadonlySet<string>;
  readonly #missing: Set<string>;

  constructor(source: Source, keys: readonly string[]) {
    this.#source = source;
    this.#keys = new Set(keys);
    this.#missing = new Set(keys);
  }

  async readPage(cursor: Json | undefined, signal: AbortSignal): Promise<Page> {
    const page = await this.#source.readPage({ window: {}, cursor, signal });
    const records = page.records.filter((record) => this.#keys.has(record.key));
    for (const record of records) this.#missing.delete(record.key);
    const { total: _, ...rest } = page;
    return { ...rest, records, next: this.#missing.size === 0 ? undefined : page.next };
  }
}

/** Rejected records: as they are at the source now where it can be asked for one, else as last read. */
class RejectedReader implements PageReader {
  readonly #context: RunContext;
  readonly #ledger: Ledger;
  readonly #source: Source;
  readonly #now: () => number;

  constructor(context: RunContext, ledger: Ledger, source: Source, now: () => number) {
    this.#context = context;
    this.#ledger = ledger;
    this.#source = source;
    this.#now = now;
  }

  async readPage(cursor: Json | undefined, signal: AbortSignal): Promise<Page> {
    const afterKey = z.string().optional().parse(cursor);
    const { keys } = this.#context.run.options;
    const rejected = await this.#ledger.listRejected(this.#context.scope, {
      limit: SMALL_PAGE,
      ...(afterKey === undefined ? {} : { afterKey }),
      ...(keys === undefined ? {} : { keys }),
    });
    const observedAt = this.#now();
    const records: SourceRecord[] = [];
    for (const { key, source } of rejected) {
      const fresh = this.#source.readOne === undefined ? { key, fields: source } : await this.#source.readOne(key, signal);
      if (fresh !== undefined) records.push(fresh);
    }
    const last = rejected.at(-1);
    return { records, next: rejected.length < SMALL_PAGE ? undefined : last?.key, observedAt, bytes: 0 };
  }
}
