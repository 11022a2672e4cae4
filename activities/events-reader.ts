import type { Source } from '../connectors/ports.ts';
import { SyncError } from '../engine/errors.ts';
import type { Json } from '../engine/json.ts';
import type { DueEvent, TakenEvent } from '../ledger/delivery-store.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type AnswersByKey, askByKey } from './ask-by-key.ts';
import type { PreparedPage } from './prepare-page.ts';
import type { PageReader, ReadPage } from './read-page.ts';

/** Records of one page, asked for together: the limits of the source hold as ever. */
const PAGE = 25;
/** Found at once: each look goes through all that is open. */
const FOUND_AT_ONCE = 20 * PAGE;
/** So many pages without an answer are no trouble of their records alone. */
const MOST_UNANSWERED = 4;

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

type ReadEvents = Omit<ReadPage, 'next'> & Pick<AnswersByKey, 'failed'>;

/** The records for which events are open: as they are at the source now, or as their deliveries have them. There is no end to them: a segment ends when none is due. */
export class EventsReader implements PageReader {
  readonly isEndless = true;
  readonly #options: EventsReaderOptions;
  /** Events of pages that are not staged yet, and of records that the source has not answered for. */
  readonly #inHand = new Set<number>();
  readonly #pages = new WeakMap<ReadPage, readonly DueEvent[]>();
  /** Due when last looked, and not asked for yet. */
  #found: readonly DueEvent[] = [];
  #nextAt: number | undefined;
  #hasGone = false;
  #hasAnswered = false;

  constructor(options: EventsReaderOptions) {
    this.#options = options;
  }

  /** How it stood when nothing more was due: what has gone is to be taken away, and when to look again for what is open. */
  get outlook(): { readonly hasGone: boolean; readonly dueInMs?: number } {
    const dueInMs = this.#nextAt === undefined ? {} : { dueInMs: Math.max(0, this.#nextAt - this.#options.now()) };
    return { hasGone: this.#hasGone, ...dueInMs };
  }

  async readPage(_cursor: Json | undefined, signal: AbortSignal): Promise<ReadPage> {
    for (let unanswered = 1; ; unanswered++) {
      const at = this.#options.now();
      const events = await this.#nextEvents(at);
      const { failed, ...read } = await this.#readAll(events, signal);
      const answered = events.filter(({ key }) => !failed.has(key));
      this.#hasAnswered ||= answered.length > 0;
      const [failure] = failed.values();
      if (failure !== undefined) this.#nextAt = Math.min(this.#nextAt ?? Number.POSITIVE_INFINITY, at + this.#options.settleMs);
      const hasMore = this.#found.length > 0;
      if (failure !== undefined && !this.#hasAnswered) {
        // The source may fail of these alone.
        const isOfRecords = failure instanceof SyncError && failure.code === 'SYSTEM_UNAVAILABLE';
        if (!isOfRecords || !hasMore || unanswered === MOST_UNANSWERED) throw failure;
        continue;
      }
      const page = { ...read, next: answered.length > 0 && (hasMore || events.length === PAGE) ? true : undefined };
      this.#pages.set(page, answered);
      return page;
    }
  }

  /** A page of them, in hand from here on. */
  async #nextEvents(at: number): Promise<readonly DueEvent[]> {
    if (this.#found.length === 0) await this.#look(at);
    const events = this.#ofOneKind(this.#found).slice(0, PAGE);
    const taken = new Set(events);
    this.#found = this.#found.filter((event) => !taken.has(event));
    for (const id of events.flatMap(({ ids }) => ids)) this.#inHand.add(id);
    return events;
  }

  async #look(at: number): Promise<void> {
    const { ledger, scope, settleMs } = this.#options;
    const { due, nextAt } = await ledger.listDueEvents({ scope, limit: FOUND_AT_ONCE + this.#inHand.size, settleMs, at });
    this.#found = due.filter(({ ids }) => !ids.some((id) => this.#inHand.has(id)));
    this.#nextAt = this.#found.length < due.length ? Math.min(nextAt ?? Number.POSITIVE_INFINITY, at + settleMs) : nextAt;
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

  async #readAll(events: readonly DueEvent[], signal: AbortSignal): Promise<ReadEvents> {
    const { readOne } = this.#options.source;
    if (readOne === undefined || events.every((event) => this.#isTold(event))) return { ...this.#asTold(events), failed: new Map() };
    const observedAt = this.#options.now();
    const keys = events.map(({ key }) => key);
    const { elsewhere, gone, ...read } = await askByKey(readOne, keys, signal);
    const toldGone = new Set(events.filter(({ kind }) => kind === 'deleted').map(({ key }) => key));
    return { ...read, gone: [...gone, ...elsewhere.filter((key) => toldGone.has(key))], observedAt, bytes: 0 };
  }

  /** Not as of now: as of the oldest of these deliveries. */
  #asTold(events: readonly DueEvent[]): Omit<ReadEvents, 'failed'> {
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
