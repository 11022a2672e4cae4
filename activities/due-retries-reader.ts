import { z } from 'zod';
import type { Source } from '../connectors/ports.ts';
import type { Json } from '../engine/json.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PageReader, ReadPage } from './read-page.ts';
import { readRetries } from './read-retries.ts';
import type { RunContext } from './run-context.ts';

/** Where this reader stands: among the retries after a key, or in the list. */
const cursorSchema = z.union([z.object({ retriesAfter: z.string() }), z.object({ list: z.json().optional() })]);

/**
 * What earlier runs refused or held and is due again, then the source's list: a window reads only what has changed since, and what failed has not. Retries come
 * first, so that a newer version in the list goes over them.
 */
export class DueRetriesReader implements PageReader {
  readonly #context: RunContext;
  readonly #ledger: Ledger;
  readonly #source: Source;
  readonly #list: PageReader;
  readonly #now: () => number;

  constructor(context: RunContext, ledger: Ledger, source: Source, list: PageReader, now: () => number) {
    this.#context = context;
    this.#ledger = ledger;
    this.#source = source;
    this.#list = list;
    this.#now = now;
  }

  finish(): boolean {
    return this.#list.finish?.() ?? false;
  }

  async readPage(cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage> {
    const place = cursor === undefined ? { retriesAfter: '' } : cursorSchema.parse(cursor);
    if (!('retriesAfter' in place)) return this.#readList(place.list, signal);
    const { scope, run, terms } = this.#context;
    // What this run itself refuses is not due again in it.
    const due = { at: run.startedAt ?? run.requestedAt, mappingHash: terms.mappingHash };
    const { page, lastKey } = await readRetries(this.#ledger, this.#source, { scope, afterKey: place.retriesAfter, due, now: this.#now, signal });
    if (page.records.length + (page.gone?.length ?? 0) + (page.unreadable?.length ?? 0) === 0 && lastKey === undefined)
      return this.#readList(undefined, signal);
    return { ...page, next: lastKey === undefined ? {} : { retriesAfter: lastKey } };
  }

  async #readList(cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage> {
    const page = await this.#list.readPage(cursor, signal);
    return { ...page, next: page.next === undefined ? undefined : { list: page.next } };
  }
}
