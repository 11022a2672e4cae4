import type { SourceRecord } from '../connectors/ports.ts';
import { SyncError } from '../engine/errors.ts';
import type { Json } from '../engine/json.ts';
import type { Belonging, Slice } from '../engine/slices.ts';
import type { PageReader, ReadPage } from './read-page.ts';

export interface SliceGuardOptions {
  /** `crm people`, for messages. */
  readonly object: string;
  readonly slice: Slice;
  /** A record's place among the slices; undefined where it has none. */
  readonly placeOf: (record: SourceRecord) => Promise<string | undefined> | string | undefined;
  readonly belonging: (at: string) => Belonging | undefined;
}

/** Pages of one slice: counts what is its own, and stops a read whose API gives something else than it is asked for, which would give everything to each slice. */
export class SliceGuard implements PageReader {
  readonly #pages: PageReader;
  readonly #options: SliceGuardOptions;

  constructor(pages: PageReader, options: SliceGuardOptions) {
    this.#pages = pages;
    this.#options = options;
  }

  /** @throws SyncError CONTRACT_BROKEN where most of a page's records are of other slices */
  async readPage(cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage> {
    const page = await this.#pages.readPage(cursor, signal);
    let own = 0;
    let strays = 0;
    for (const record of page.records) {
      const at = await this.#options.placeOf(record);
      const belonging = (at === undefined ? undefined : this.#options.belonging(at)) ?? 'own';
      if (belonging === 'own') own += 1;
      if (belonging === 'stray') strays += 1;
    }
    if (strays * 2 > page.records.length) throw this.#unbounded();
    return { ...page, own };
  }

  #unbounded(): SyncError {
    const { object, slice } = this.#options;
    const part = [slice.from === undefined ? [] : [`from ${slice.from}`], slice.to === undefined ? [] : [`to ${slice.to}`]].flat().join(' ');
    const advice = 'Check the names of the parameters in its `list` that insert the slice, and the field that the slices are of; or read it without `slices`.';
    const message = `${object}, asked for a slice ${part}, gave mostly records from outside of it: each slice would read everything. ${advice}`;
    return new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message });
  }
}
