import { z } from 'zod';
import type { Source } from '../connectors/ports.ts';
import type { Json } from '../engine/json.ts';
import type { Ledger, Window } from '../ledger/ledger.ts';
import type { PageReader, ReadPage } from './read-page.ts';

/** Where this reader stands: among what was deleted, or in the list. */
const cursorSchema = z.union([z.object({ deleted: z.json() }), z.object({ list: z.json().optional() })]);

interface DeletedReaderOptions {
  readonly ledger: Ledger;
  readonly scope: string;
  readonly window: Window;
  readonly readDeleted: NonNullable<Source['readDeleted']>;
  readonly list: PageReader;
}

/** What the source tells as deleted since the window began, then its list: first the deletes, so that a record that is back in the list by now is not deleted. */
export class DeletedReader implements PageReader {
  readonly #options: DeletedReaderOptions;

  constructor(options: DeletedReaderOptions) {
    this.#options = options;
  }

  finish(): boolean {
    return this.#options.list.finish?.() ?? false;
  }

  async readPage(cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage> {
    const place = cursor === undefined ? undefined : cursorSchema.parse(cursor);
    if (place !== undefined && !('deleted' in place)) return this.#readList(place.list, signal);
    const { readDeleted, window } = this.#options;
    const { keys, next, ...page } = await readDeleted({ window, cursor: place?.deleted, signal });
    return { ...page, records: [], gone: await this.#told(keys), next: next === undefined ? {} : { deleted: next } };
  }

  async #readList(cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage> {
    const page = await this.#options.list.readPage(cursor, signal);
    return { ...page, next: page.next === undefined ? undefined : { list: page.next } };
  }

  /** What the target was never told of is nothing to take away. What it was found to lack was told, and is not to return. */
  async #told(keys: readonly string[]): Promise<readonly string[]> {
    const { ledger, scope } = this.#options;
    const known = await ledger.readRecords(scope, keys);
    return [...new Set(keys)].filter((key) => (known.get(key)?.contentHash ?? known.get(key)?.fields) !== undefined);
  }
}
