import { Context } from '@temporalio/activity';
import { SyncError } from '../engine/errors.ts';
import type { Segment } from '../ledger/ledger.ts';
import type { PageSourceResult, SegmentInput } from './activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { withExpectedFields } from './expected-fields.ts';
import { budgeted } from './failure-budget.ts';
import type { Handover, PagePlace } from './handover.ts';
import { whileBeating } from './heartbeat.ts';
import { findPageFacts } from './page-facts.ts';
import { PageMemory } from './page-memory.ts';
import { openPageReader } from './page-reader.ts';
import { PagesAhead } from './pages-ahead.ts';
import { type PreparedPage, preparePage } from './prepare-page.ts';
import type { PageReader, ReadPage } from './read-page.ts';
import { RequestMeter } from './request-meter.ts';
import { openLiveContext, type RunContext } from './run-context.ts';
import { refuseDrift, SegmentShape } from './segment-shape.ts';
import { meterPage } from './step-meter.ts';
import { StopSigns } from './stop-signs.ts';

/** Reads one segment; see `Activities.pageSource`. Resumes at the cursor that the last committed page left in the ledger. */
export async function pageSource(dependencies: ActivityDependencies, handover: Handover, input: SegmentInput): Promise<PageSourceResult> {
  const context = await withExpectedFields(dependencies, await openLiveContext(dependencies, input.runId));
  const reader = new SegmentReader(dependencies, context, handover, input.segment);
  try {
    return await whileBeating(
      dependencies,
      input.runId,
      () => ({ segment: input.segment, done: reader.pages }),
      () => reader.run(),
    );
  } catch (error) {
    throw await budgeted(dependencies, context, { segment: input.segment, side: 'source' }, error);
  }
}

/** Under way to the ledger: while one is staged the next one waits behind it. */
const STAGED_AT_ONCE = 2;

/** Pages of one segment: while some are staged the next is prepared, and the one after that is read. */
class SegmentReader {
  /** Pages staged by this attempt, for the heartbeat. */
  pages = 0;
  readonly #dependencies: ActivityDependencies;
  readonly #context: RunContext;
  readonly #handover: Handover;
  readonly #index: number;
  readonly #signs: StopSigns;
  readonly #meter: RequestMeter;
  readonly #memory: PageMemory;
  readonly #reader: PageReader;
  readonly #token: string;
  /** What is still being read by then comes to nothing. */
  readonly #end = new AbortController();
  readonly #startedAt: number;
  #isStartNoted = false;
  /** The pages that are being committed, in their order. */
  readonly #staging: Promise<void>[] = [];

  constructor(dependencies: ActivityDependencies, context: RunContext, handover: Handover, index: number) {
    this.#dependencies = dependencies;
    this.#context = context;
    this.#handover = handover;
    this.#index = index;
    this.#signs = new StopSigns(dependencies, context.run.id);
    this.#meter = new RequestMeter((reason, ms) => this.#noteWait(reason, ms));
    this.#memory = new PageMemory(dependencies, context);
    this.#reader = openPageReader(dependencies, context, context.openSource(this.#meter), this.#memory);
    this.#token = dependencies.makeToken();
    this.#startedAt = dependencies.now();
  }

  async run(): Promise<PageSourceResult> {
    const { ledger, now } = this.#dependencies;
    const runId = this.#context.run.id;
    await ledger.openSegment(runId, this.#index, now());
    const segment = await ledger.claimReader(runId, this.#index, this.#token);
    if (segment.state !== 'open') return this.#result('closed', segment.isLast);
    try {
      return await this.#readPages(segment);
    } finally {
      this.#end.abort();
      await Promise.allSettled(this.#staging);
    }
  }

  async #readPages(segment: Segment): Promise<PageSourceResult> {
    const { ledger } = this.#dependencies;
    const runId = this.#context.run.id;
    const shape = await SegmentShape.resume(this.#dependencies, this.#context, this.#index);
    const ahead = segment.isLast ? undefined : this.#readAhead(segment);
    let { pages, isLast } = segment;
    for (let coming = ahead?.take(); coming !== undefined; coming = ahead?.take()) {
      await this.#signs.throwIfStopped();
      if ((await this.#signs.control()).paused) {
        await this.#staging.at(-1);
        return this.#result('paused', false);
      }
      const { page, facts } = await coming;
      isLast = this.#isLast(page);
      const prepared = await preparePage(this.#dependencies, this.#context, page, await facts);
      if (page.isRetry !== true && !this.#isStartNoted) await this.#noteStart(page);
      if (this.#staging.length >= STAGED_AT_ONCE) await this.#staging.shift();
      await this.#handover.room(this.#placeOf(prepared));
      const staging = this.#stage(page, prepared, shape, pages);
      staging.catch(() => undefined);
      this.#staging.push(staging);
      pages += 1;
      this.pages += 1;
    }
    await this.#staging.at(-1);
    await refuseDrift(this.#dependencies, this.#context, this.#index, isLast);
    await ledger.closeSegment(runId, this.#index, this.#token, { state: 'complete', isLast });
    return this.#result('closed', isLast);
  }

  #readAhead({ cursor, ...before }: Segment): PagesAhead {
    const signal = AbortSignal.any([Context.current().cancellationSignal, this.#end.signal]);
    let { records, bytes } = before;
    const recordsBefore = this.#context.run.totals.read - records;
    return new PagesAhead(cursor, {
      read: (place) => this.#reader.readPage(place, signal),
      arrive: (read) => {
        const page = this.#withinLimit(read, recordsBefore + records);
        records += page.remembered?.records.length ?? page.records.length;
        bytes += page.bytes;
        return { page, isEnd: page.next === undefined || this.#hasEnough(records, bytes) };
      },
      findFacts: (page) => findPageFacts(this.#dependencies, this.#context, page),
    });
  }

  #placeOf({ records }: PreparedPage): PagePlace {
    return { runId: this.#context.run.id, segment: this.#index, records: records.length };
  }

  #isLast(page: ReadPage): boolean {
    return page.next === undefined && this.#reader.isEndless !== true;
  }

  async #stage(page: ReadPage, prepared: PreparedPage, shape: SegmentShape, pagesBefore: number): Promise<void> {
    const { ledger, now } = this.#dependencies;
    const { run, definition, terms, targetScope, sensitiveFields } = this.#context;
    const before = this.#staging.at(-1);
    const input = {
      runId: run.id,
      segment: this.#index,
      token: this.#token,
      pagesBefore,
      targetScope,
      records: prepared.records,
      isRetry: page.isRetry === true,
      terms,
      nextCursor: page.next,
      isLast: this.#isLast(page),
      observedAt: page.observedAt,
      bytes: page.bytes,
      ...shape.add(page),
      cost: this.#meter.take(),
      isSealed: definition.values !== 'plain' || sensitiveFields.length > 0,
      at: now(),
      ...(prepared.maxCursorValue === undefined ? {} : { maxCursorValue: prepared.maxCursorValue }),
    };
    const staged = this.#handover.pass(this.#placeOf(prepared), (claims) => ledger.stagePage({ ...input, claims }));
    staged.catch(() => undefined);
    // Where the one before was not staged this one is not, either, and that is the reason.
    await before;
    await staged;
    meterPage(this.#dependencies, definition.ref.sync, prepared.records);
    await this.#memory.keep(page, prepared);
    await this.#reader.staged?.(page, prepared, this.#index);
  }

  /** The first page of the list, in whichever segment it is. */
  async #noteStart(page: ReadPage): Promise<void> {
    this.#isStartNoted = true;
    if (this.#context.run.readStartedAt !== undefined) return;
    const { ledger } = this.#dependencies;
    const runId = this.#context.run.id;
    await ledger.setReadStart(runId, page.serverTime ?? page.observedAt);
    const { limit } = this.#context.run.options;
    if (page.total !== undefined) await ledger.setExpected(runId, Math.min(page.total, limit ?? page.total));
  }

  /** A full segment takes what is under way, too. */
  #hasEnough(records: number, bytes: number): boolean {
    return this.#isFull(records, bytes) && this.#reader.finish?.() !== true;
  }

  #isFull(records: number, bytes: number): boolean {
    const { segment } = this.#context.definition;
    return records >= segment.records || bytes >= segment.bytes || this.#dependencies.now() - this.#startedAt >= segment.seconds * 1000;
  }

  /** `run --limit N` ends the read with its Nth record. */
  #withinLimit(page: ReadPage, before: number): ReadPage {
    const { limit } = this.#context.run.options;
    if (limit === undefined) return page;
    const left = Math.max(0, limit - before);
    return page.records.length < left ? page : { ...page, records: page.records.slice(0, left), next: undefined };
  }

  async #result(state: 'closed' | 'paused', isLast: boolean): Promise<PageSourceResult> {
    const run = await this.#dependencies.ledger.readRun(this.#context.run.id);
    if (run === undefined) throw new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message: `The ledger lost run ${this.#context.run.id}.` });
    const { outlook } = this.#reader;
    return { state, isLast, totals: run.totals, ...(outlook === undefined ? {} : { events: outlook }) };
  }

  #noteWait(reason: string, ms: number): void {
    const { ledger, log, now } = this.#dependencies;
    ledger
      .setWait(this.#context.run.id, 'source', { side: 'source', reason, untilMs: now() + ms })
      .catch((error: unknown) => log.warn({ error }, 'could not note a wait'));
  }
}
