import { z } from 'zod';
import { SyncError } from '../engine/errors.ts';
import type { Json } from '../engine/json.ts';
import { afterSlicePage, type Belonging, beginSlices, type OpenSlice, type Slice, type SlicePlan, type SliceProgress } from '../engine/slices.ts';
import type { PageReader, ReadPage } from './read-page.ts';

const progressSchema = z.strictObject({
  until: z.number(),
  next: z.int(),
  open: z.array(z.strictObject({ index: z.int(), cursor: z.json().optional(), isRest: z.boolean().optional() })),
  found: z.int(),
  isLastBegun: z.boolean(),
});

export interface SlicedOptions {
  readonly parallel: number;
  /** The slices of a read that began at `until` (ms). */
  readonly plan: (until: number) => SlicePlan;
  readonly openSlice: (slice: Slice, belonging: (at: string) => Belonging | undefined) => PageReader;
  readonly now: () => number;
}

type Arrival = { readonly slice: OpenSlice } & ({ readonly page: ReadPage } | { readonly error: unknown });

/**
 * Slices of an object, side by side: each open slice has one page under way or ready, and whichever is ready first is given out. The cursor of a page says what is left
 * after the pages given out so far, so that a killed read reads again at most what was under way.
 */
export class SlicedReader implements PageReader {
  readonly #options: SlicedOptions;
  readonly #readers = new Map<number, PageReader>();
  readonly #underWay = new Map<number, Promise<Arrival>>();
  #plan: SlicePlan | undefined;
  #progress: SliceProgress | undefined;
  /** The cursor that was given out last: whoever comes with it reads on. */
  #given: string | undefined;
  #isFinishing = false;
  /** When the whole read began, until its first page is given out. */
  #beganAt: number | undefined;
  #failure: unknown;

  constructor(options: SlicedOptions) {
    this.#options = options;
  }

  finish(): boolean {
    this.#isFinishing = true;
    return this.#underWay.size > 0;
  }

  async readPage(cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage> {
    const { plan, progress } = this.#goOn(cursor);
    this.#begin(plan, progress, signal);
    const { slice, page } = await this.#nextArrival();
    const { parallel } = this.#options;
    const after = afterSlicePage(plan, parallel, progress, { index: slice.index, records: page.records.length, next: page.next });
    if (page.next === undefined) this.#readers.delete(slice.index);
    this.#progress = after;
    const next = after.open.length === 0 ? undefined : z.json().parse(JSON.parse(JSON.stringify(after)));
    this.#given = JSON.stringify(next);
    if (!this.#isFinishing) this.#begin(plan, after, signal);
    const { total: _, ...rest } = page; // of its slice alone
    return { ...rest, ...this.#startOf(page), next };
  }

  /** The first page to arrive need not be the first that was asked for: what changes while the others are read counts as later than the start of the read. */
  #startOf({ serverTime, observedAt }: ReadPage): { readonly serverTime?: number } {
    if (this.#beganAt === undefined) return {};
    const waitedMs = Math.max(0, observedAt - this.#beganAt);
    this.#beganAt = undefined;
    return { serverTime: (serverTime ?? observedAt) - waitedMs };
  }

  /** What is under way is worth something only to who comes with the cursor of the page before. */
  #goOn(cursor: Json | undefined): { readonly plan: SlicePlan; readonly progress: SliceProgress } {
    const { parallel, now } = this.#options;
    if (this.#plan !== undefined && this.#progress !== undefined && JSON.stringify(cursor) === this.#given)
      return { plan: this.#plan, progress: this.#progress };
    this.#underWay.clear();
    this.#readers.clear();
    const saved = cursor === undefined ? undefined : progressSchema.parse(cursor);
    const until = saved?.until ?? now();
    this.#beganAt = saved === undefined ? now() : undefined;
    this.#plan = this.#options.plan(until);
    this.#progress = saved ?? beginSlices(this.#plan, parallel, until);
    return { plan: this.#plan, progress: this.#progress };
  }

  /** Starts the next page of each open slice that has none under way. */
  #begin(plan: SlicePlan, { open }: SliceProgress, signal: AbortSignal): void {
    if (this.#failure !== undefined || (this.#isFinishing && this.#underWay.size > 0)) return;
    for (const slice of open) {
      if (this.#underWay.has(slice.index)) continue;
      let reader = this.#readers.get(slice.index);
      if (reader === undefined) {
        reader = this.#openSlice(plan, slice);
        this.#readers.set(slice.index, reader);
      }
      const arrival = reader.readPage(slice.cursor, signal).then(
        (page) => ({ slice, page }),
        (error: unknown) => ({ slice, error }),
      );
      this.#underWay.set(slice.index, arrival);
    }
  }

  #openSlice(plan: SlicePlan, slice: OpenSlice): PageReader {
    return this.#options.openSlice(slice.isRest === true ? plan.rest(slice.index) : plan.slice(slice.index), (at) => plan.belonging(slice, at));
  }

  /** A failure that may pass is told when what else was under way is given out. */
  async #nextArrival(): Promise<{ readonly slice: OpenSlice; readonly page: ReadPage }> {
    while (this.#underWay.size > 0) {
      const arrival = await Promise.race(this.#underWay.values());
      this.#underWay.delete(arrival.slice.index);
      if ('page' in arrival) return arrival;
      if (!(arrival.error instanceof SyncError) || arrival.error.retry === 'never') throw arrival.error;
      this.#failure ??= arrival.error;
    }
    const failure = this.#failure;
    this.#failure = undefined;
    throw failure;
  }
}
