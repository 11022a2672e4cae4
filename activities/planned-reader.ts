import type { Source } from '../connectors/ports.ts';
import type { Json } from '../engine/json.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { KeysReader } from './keys-reader.ts';
import type { PageReader, ReadPage } from './read-page.ts';

/** Plans of so many records are read one by one, where the API has a get; larger ones by its list. */
const ONE_BY_ONE = 200;

interface PlannedReaderOptions {
  readonly ledger: Ledger;
  readonly runId: string;
  readonly source: Source;
  readonly list: PageReader;
  readonly now: () => number;
}

/** The records of the run's plan, and no others. */
export class PlannedReader implements PageReader {
  readonly #options: PlannedReaderOptions;
  #byKey: Promise<PageReader | undefined> | undefined;

  constructor(options: PlannedReaderOptions) {
    this.#options = options;
  }

  finish(): boolean {
    return this.#options.list.finish?.() ?? false;
  }

  async readPage(cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage> {
    this.#byKey ??= this.#readerByKey();
    const byKey = await this.#byKey;
    if (byKey !== undefined) return byKey.readPage(cursor, signal);
    const { ledger, runId, list } = this.#options;
    const { total: _, ...page } = await list.readPage(cursor, signal);
    const { records, gone = [] } = page;
    const planned = await ledger.readPlanned(runId, [...records.map(({ key }) => key), ...gone]);
    return { ...page, records: records.filter(({ key }) => planned.has(key)), gone: gone.filter((key) => planned.has(key)) };
  }

  /** The plan of a run never changes: each attempt reads it the same way, so that cursors fit. */
  async #readerByKey(): Promise<PageReader | undefined> {
    const { ledger, runId, source, now } = this.#options;
    if (source.readOne === undefined) return undefined;
    const keys = await ledger.listPlannedKeys(runId, ONE_BY_ONE + 1);
    return keys.length > ONE_BY_ONE ? undefined : new KeysReader(source, source.readOne, keys, now);
  }
}
