import { z } from 'zod';
import type { Source } from '../connectors/ports.ts';
import { settleOf } from '../definition/settle-of.ts';
import { takesAway } from '../definition/sync-mode.ts';
import type { Json } from '../engine/json.ts';
import type { Ledger, Run } from '../ledger/ledger.ts';
import { DeletedReader } from './deleted-reader.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { DueRetriesReader } from './due-retries-reader.ts';
import { EventsReader } from './events-reader.ts';
import { KeysReader } from './keys-reader.ts';
import { openListReader } from './list-reader.ts';
import type { PageMemory } from './page-memory.ts';
import { PlannedReader } from './planned-reader.ts';
import type { PageReader, ReadPage } from './read-page.ts';
import { readRetries } from './read-retries.ts';
import type { RunContext } from './run-context.ts';

/** Where the records of a run come from, as its options and its window say. */
export function openPageReader(dependencies: ActivityDependencies, context: RunContext, source: Source, memory: PageMemory): PageReader {
  const { ledger, now } = dependencies;
  const { options, window } = context.run;
  if (options.retry === true) return new RejectedReader(context, ledger, source, now);
  if (options.events === true) return openEventsReader(dependencies, context, source);
  const list = openListReader(dependencies, context, source, window, memory);
  if (options.keys !== undefined)
    return source.readOne === undefined ? new FilteredReader(list, options.keys) : new KeysReader(source, source.readOne, options.keys, now);
  // A full read meets what was refused in the list.
  const tried = window.from === undefined || isPart(context.run) ? list : new DueRetriesReader(context, ledger, source, list, now);
  const all = withDeleted(context, ledger, source, tried);
  return options.plan === undefined ? all : new PlannedReader({ ledger, runId: context.run.id, source, list: all, now });
}

function openEventsReader({ ledger, now }: ActivityDependencies, { scope, run, definition }: RunContext, source: Source): PageReader {
  const { events } = definition.sync.source;
  const settleMs = settleOf(definition);
  const takes = takesAway(definition.sync.target);
  return new EventsReader({ ledger, scope, runId: run.id, source, settleMs, trustsPayload: events?.read === 'payload', takesAway: takes, now });
}

/** It reads less than what is new: what else is due is left to others. */
function isPart({ options }: Run): boolean {
  return options.limit !== undefined || options.window !== undefined;
}

/** A window shows what has changed: what has gone, another endpoint tells. */
function withDeleted({ definition, scope, run }: RunContext, ledger: Ledger, { readDeleted }: Source, list: PageReader): PageReader {
  const { source, target } = definition.sync;
  const isWanted = source.deletes?.endpoint !== undefined && takesAway(target) && run.window.from !== undefined && !isPart(run);
  return isWanted && readDeleted !== undefined ? new DeletedReader({ ledger, scope, window: run.window, readDeleted, list }) : list;
}

/** Named keys of an API without a get: its list, read until all are found. */
class FilteredReader implements PageReader {
  readonly #list: PageReader;
  readonly #keys: ReadonlySet<string>;
  readonly #missing: Set<string>;

  constructor(list: PageReader, keys: readonly string[]) {
    this.#list = list;
    this.#keys = new Set(keys);
    this.#missing = new Set(keys);
  }

  finish(): boolean {
    return this.#list.finish?.() ?? false;
  }

  async readPage(cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage> {
    const page = await this.#list.readPage(cursor, signal);
    const records = page.records.filter((record) => this.#keys.has(record.key));
    for (const record of records) this.#missing.delete(record.key);
    // What cannot be read as a record is none of those that were asked for.
    const { total: _, unreadable: _unreadable, ...rest } = page;
    return { ...rest, records, next: this.#missing.size === 0 ? undefined : page.next };
  }
}

/** Refused and held records of earlier runs, because a person asked; or those whose references are there by now. */
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

  async readPage(cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage> {
    const { scope, run } = this.#context;
    const query = { scope, afterKey: z.string().default('').parse(cursor), keys: run.options.keys, references: run.options.references, now: this.#now, signal };
    const { page, lastKey } = await readRetries(this.#ledger, this.#source, query);
    return { ...page, next: lastKey };
  }
}
