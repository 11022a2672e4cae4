import type { Source, SourceRecord } from '../connectors/ports.ts';
import type { Json } from '../engine/json.ts';
import type { DueEvent, TakenEvent } from '../ledger/delivery-store.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PreparedPage } from './prepare-page.ts';
import type { PageReader, ReadPage } from './read-page.ts';

/** Records of one page, asked for together: the limits of the source hold as ever. */
const PAGE = 25;

interface EventsReaderOptions {
  readonly ledger: Ledger;
  readonly scope: string;
  readonly runId: string;
  readonly source: Source;
  readonly settleMs: number;
  /** Payloads are taken for what they say; else each record is read. */
  readonly trustsPayload: boolean;
  /** What has gone is taken from the target, at the end of the run. */
  readonly takesAway: boolean;
  readonly now: () => number;
}

/** The records for which events are open: as they are at the source now, or as their deliveries have them. There is no end to them: a segment ends when none is due. */
export class EventsReader implements PageReader {
  readonly isEndless = true;
  readonly #options: EventsReaderOptions;
  /** Events of pages that are not staged yet. */
  readonly #inHand = new Set<number>();
  readonly #pages = new WeakMap<ReadPage, readonly DueEvent[]>();
  #nextAt: number | undefined;
  #hasGone = false;

  constructor(options: EventsReaderOptions) {
    this.#options = options;
  }

  /** How it stood when nothing more was due: what has gone is to be taken away, and when to look again for what is open. */
  get outlook(): { readonly hasGone: boolean; readonly dueInMs?: number } {
    const dueInMs = this.#nextAt === undefined ? {} : { dueInMs: Math.max(0, this.#nextAt - this.#options.now()) };
    return { hasGone: this.#hasGone, ...dueInMs };
  }

  async readPage(_cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage> {
    const { ledger, scope, settleMs, now } = this.#options;
    const at = now();
    const found = await ledger.listDueEvents({ scope, limit: PAGE + this.#inHand.size, settleMs, at });
    const free = found.due.filter(({ ids }) => !ids.some((id) => this.#inHand.has(id)));
    const hasWaiting = free.length < found.due.length;
    this.#nextAt = hasWaiting ? Math.min(found.nextAt ?? Number.POSITIVE_INFINITY, at + settleMs) : found.nextAt;
    const events = this.#ofOneKind(free).slice(0, PAGE);
    for (const id of events.flatMap(({ ids }) => ids)) this.#inHand.add(id);
    const page = { ...(await this.#readAll(events, signal)), next: events.length < free.length || events.length === PAGE ? true : undefined };
    this.#pages.set(page, events);
    return page;
  }

  /** Taken once they are staged: a page that is lost before is read again. */
  async staged(page: ReadPage, { records, hashes }: PreparedPage, segment: number): Promise<void> {
    const { ledger, runId, takesAway, now } = this.#options;
    const events = this.#pages.get(page) ?? [];
    const decided = new Map(records.map((record) => [record.key, record]));
    const taken = events.map(({ key, ids }): TakenEvent => {
      const record = decided.get(key);
      const hash = hashes.get(key);
      if (record?.disposition === 'unchanged' && hash !== undefined) return { key, ids, unchanged: hash };
      if (record?.disposition !== 'skipped') return { key, ids };
      const isLeaving = takesAway && LEAVING.has(record.reason);
      this.#hasGone ||= isLeaving;
      return { key, ids, isLeftOut: true, ...(isLeaving ? { awaitsEnd: true } : {}) };
    });
    if (taken.length > 0) await ledger.takeEvents({ runId, segment, events: taken, observedAt: page.observedAt, at: now() });
    for (const id of events.flatMap(({ ids }) => ids)) this.#inHand.delete(id);
  }

  /** What is read now, and what was true when its delivery came, are observed at different times. */
  #ofOneKind(events: readonly DueEvent[]): readonly DueEvent[] {
    const payloads = events.filter((event) => this.#isTold(event));
    return payloads.length > 0 ? payloads : events;
  }

  /** It needs not be read, or cannot be. */
  #isTold({ kind, record }: DueEvent): boolean {
    const { trustsPayload, source } = this.#options;
    return (trustsPayload && (record !== undefined || kind === 'deleted')) || source.readOne === undefined;
  }

  async #readAll(events: readonly DueEvent[], signal: AbortSignal): Promise<Omit<ReadPage, 'next'>> {
    if (events.every((event) => this.#isTold(event))) return this.#asTold(events);
    const observedAt = this.#options.now();
    const { source } = this.#options;
    const read = await Promise.all(events.map(async ({ key }) => ({ key, record: await source.readOne?.(key, signal) })));
    const records = read.flatMap(({ record }): readonly SourceRecord[] => (record === undefined ? [] : [record]));
    return { records, gone: read.filter(({ record }) => record === undefined).map(({ key }) => key), observedAt, bytes: 0 };
  }

  /** Not as of now: as of the oldest of these deliveries. */
  #asTold(events: readonly DueEvent[]): Omit<ReadPage, 'next'> {
    const times = events.map(({ receivedAt, occurredAt }) => Math.min(receivedAt, occurredAt ?? receivedAt));
    const observedAt = Math.min(this.#options.now(), ...times);
    const gone = events.filter(({ kind }) => kind === 'deleted').map(({ key }) => key);
    const records = events.flatMap(({ key, kind, record }) => (kind === 'deleted' || record === undefined ? [] : [{ key, fields: record }]));
    const unread = events.filter(({ kind, record }) => kind === 'changed' && record === undefined).map(({ key }) => key);
    return { records, gone, unread, observedAt, bytes: 0 };
  }
}

/** Why a record leaves the target, of the reasons for which one is left out. */
const LEAVING: ReadonlySet<string> = new Set(['filter', 'tombstone', 'gone']);
