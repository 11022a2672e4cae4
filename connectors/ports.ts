import type { ResolvedConnection } from '../definition/resolved.ts';
import type { Rejection } from '../engine/errors.ts';
import type { FieldFacts, FieldOrigin } from '../engine/field-facts.ts';
import type { Json, JsonObject } from '../engine/json.ts';
import type { ChangeKind } from '../engine/outcome.ts';
import type { HttpExchange } from '../http/http-client.ts';

export type { FieldFacts, FieldOrigin } from '../engine/field-facts.ts';

/** A request with its answer, whole and without credentials. */
export interface ObservedExchange extends HttpExchange {
  readonly connection: string;
}

/** Told of every HTTP request, for counters, waits and logs. Never given a header, body or query value, but by `onExchange`. */
export interface RequestObserver {
  /** After each attempt, also failed ones. */
  onRequest?(request: {
    readonly connection: string;
    readonly method: string;
    /** Without query. */
    readonly path: string;
    readonly status?: number;
    readonly durationMs: number;
    readonly isRetry: boolean;
    readonly failure?: string;
    readonly requestId?: string;
    readonly sentAt: number;
  }): void;
  /** Before a wait of more than a second: pace, quota or Retry-After. */
  onWait?(wait: { readonly connection: string; readonly reason: string; readonly ms: number }): void;
  /** What looks wrong in an answer and stops nothing, once for each source or target: results that name no record, a list that ended before its total. */
  onWarning?(warning: { readonly connection: string; readonly message: string }): void;
  /** For samples: holds values of records. Of several observers the one that is told the most of it alone. */
  onExchange?(exchange: ObservedExchange): void;
}

/** Values that request templates may use. */
export interface ReadWindow {
  readonly from?: string;
  readonly to?: string;
}

/** A part of an object that is read by itself; what a list endpoint's templates insert as `slice`. */
export interface ReadSlice {
  readonly from?: string | number;
  readonly to?: string | number;
  readonly value?: string | number | boolean;
}

/** What an answer says of its own version (RFC 9110 section 8.8): by it the source can be asked whether it is still the same. */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

export interface Page {
  readonly records: readonly SourceRecord[];
  /** Where the next page begins; undefined after the last. Opaque, JSON, kept in the ledger. */
  readonly next: Json | undefined;
  /** When the request was sent (ms). */
  readonly observedAt: number;
  /** When the request was sent by the source's clock (its `Date` header, less the time the answer took), ms. */
  readonly serverTime?: number;
  /** Records in all, where the source says. */
  readonly total?: number;
  readonly bytes: number;
  readonly validators?: Validators;
  /** What stands among the records and cannot be read as one: it is rejected, and the others go on. */
  readonly unreadable?: readonly UnreadableRecord[];
  /** It is as it was when it had the validators that the request named (304): nothing else is told of it. */
  readonly isNotModified?: boolean;
}

export interface UnreadableRecord {
  /** Its key; in the place of that, where it stands: `contacts.csv:17`. */
  readonly key: string;
  /** What is wrong with it. Names no value. */
  readonly message: string;
  /** Equal while it stays as it is. */
  readonly content: string;
  /** Groups alike rejections. @default unreadable */
  readonly reason?: string;
}

export interface DeletedPage extends Pick<Page, 'next' | 'observedAt' | 'serverTime' | 'bytes'> {
  readonly keys: readonly string[];
}

export interface SourceRecord {
  /** The primary key as text. */
  readonly key: string;
  readonly fields: JsonObject;
}

/** Reads one object of one connection. Throws `SyncError` only. */
export interface Source {
  /**
   * One page. The same cursor gives the same place again after a crash.
   * @throws CONTRACT_BROKEN (records path finds no list, a record without a key, a cursor that repeats), CURSOR_EXPIRED, CREDENTIALS_REJECTED, RATE_LIMITED, …
   */
  readPage(request: {
    readonly window: ReadWindow;
    readonly slice?: ReadSlice;
    /** Only what changed since `window.from` is wanted: by the list of changes, where the connector has one. The same for all pages of a read. */
    readonly changes?: boolean;
    readonly cursor: Json | undefined;
    readonly signal?: AbortSignal;
    /** Of this page, when it was read before: where it is still the same, it does not come again. */
    readonly validators?: Validators;
  }): Promise<Page>;
  /** What was deleted in the window, page by page: the keys of the records. Undefined where the connector has no `deleted`. Throws as `readPage`. */
  readonly readDeleted?: (request: { readonly window: ReadWindow; readonly cursor: Json | undefined; readonly signal?: AbortSignal }) => Promise<DeletedPage>;
  /** Undefined where the connector has no `get`. */
  readonly readOne?: (key: string, signal?: AbortSignal) => Promise<SourceRecord | undefined>;
}

/** How the target takes one kind of change. */
export interface WriteAbility {
  /** Of one request; 0 where it is written by jobs alone. */
  readonly maxRecords: number;
  readonly maxBytes: number;
  /** The identical request may be sent again without harm. */
  readonly isRepeatable: boolean;
  /** The target drops a second request with the same idempotency key, for so long (ms). */
  readonly idempotencyTtlMs?: number;
  /** The longest the target may still apply a request whose connection is gone. */
  readonly applyDelayMs: number;
  /** Fields that are left out stay as they are in the target. */
  readonly merges?: boolean;
  /** Its requests say which version of a record they change (If-Match): the record is to be read before. */
  readonly needsEtag?: boolean;
  /** It takes many records as a job, too. */
  readonly jobs?: JobAbility;
}

/** How the target takes a kind of change as a job: made, filled, begun, asked about, its results fetched. */
export interface JobAbility {
  /** Only syncs that ask for it write by jobs, where the target takes requests. */
  readonly isWhenAsked?: boolean;
  /** Fewer records than these are written by requests, where the target takes those. */
  readonly from: number;
  readonly maxRecords: number;
  readonly maxBytes: number;
  /** Between two looks at a job. */
  readonly everyMs: number;
  /** After it ended, until a look-up by match key shows what it wrote; absent: its results tell all there is. */
  readonly showsAfterMs?: number;
  /** The request that begins a job: before it, nothing of the job is applied, and to repeat `close` begins nothing twice. */
  readonly beginsWith: 'create' | 'close';
}

export interface OutgoingRecord {
  readonly fields: JsonObject;
  readonly match: string;
  readonly targetId?: string;
  /** Its version in the target, as just read. */
  readonly etag?: string;
}

/** A record of a target, as a search shows it. */
export interface FoundRecord {
  readonly id: string;
  readonly fields: JsonObject;
  /** Its version, where the connector says where it stands. */
  readonly etag?: string;
}

/** What became of one record of a batch, in the order of the batch. */
export type WriteResult =
  | { readonly outcome: 'written'; readonly targetId?: string; readonly created?: boolean }
  | { readonly outcome: 'rejected'; readonly rejection: Rejection }
  /** The target says that it did not process this record now (423, 429, 503 inside a batch): try again. */
  | { readonly outcome: 'again' }
  /** It is another version by now than the one that was read before (412): nothing was written. */
  | { readonly outcome: 'moved' }
  /** The answer does not mention the record: it may or may not be written. */
  | { readonly outcome: 'unknown' };

export type BatchAnswer =
  | { readonly answer: 'results'; readonly results: readonly WriteResult[] }
  /** A whole-batch 4xx that names no record: halve it; of a batch of one, it is the record's rejection. */
  | { readonly answer: 'refused'; readonly rejection: Rejection }
  /** 413, or a stated limit: send fewer records at once. */
  | { readonly answer: 'too-large' };

/** What one request about a job is given. */
export interface JobRequest {
  readonly observer?: RequestObserver;
  readonly signal?: AbortSignal;
}

export type JobCreated =
  /** `upload`: where the job is begun by `close`, to be called once. */
  | { readonly answer: 'created'; readonly job: string; readonly upload?: (request: JobRequest) => Promise<'taken' | 'too-large'> }
  /** Nothing was made: these records of the batch, by their places, are for requests. */
  | { readonly answer: 'not-by-job'; readonly places: ReadonlySet<number> }
  | Exclude<BatchAnswer, { readonly answer: 'results' }>;

export interface JobClosed {
  /** The id that the job has from now on. */
  readonly job?: string;
  /** Why not, where the target refuses; it may have begun before. */
  readonly refused?: string;
  /** The target works on as many jobs as it takes: this one is to be begun later. */
  readonly isBusy?: boolean;
}

export type JobLook =
  | { readonly state: 'open' | 'running' | 'done' | 'gone' }
  /** Given up: what was not processed by then never is. `message`: why, in the API's words. */
  | { readonly state: 'failed'; readonly message: string };

/** Writes one kind of change by jobs. What is asked about a job by its id, anybody may ask, as often as it takes. Throws `SyncError` only. */
export interface JobWriter {
  /** Makes a job for a batch, as one request; throws as `Target.send`. */
  create(batch: Parameters<Target['send']>[0]): Promise<JobCreated>;
  /** Begins a job that was filled. */
  close(job: string, request: JobRequest): Promise<JobClosed>;
  look(job: string, request: JobRequest): Promise<JobLook>;
  /** What became of the records of a batch whose job has ended. */
  readResults(job: string, records: readonly OutgoingRecord[], request: JobRequest): Promise<readonly WriteResult[]>;
  /** Gives up a job that was not begun. It does no harm if this fails. */
  abort(job: string, request: JobRequest): Promise<void>;
}

/** Writes one object of one connection. Throws `SyncError` only. */
export interface Target {
  readonly jobs?: Readonly<Partial<Record<ChangeKind, JobWriter>>>;
  readonly abilities: Readonly<Partial<Record<ChangeKind, WriteAbility>>>;
  readonly canSearch: boolean;
  readonly indexingDelayMs: number;
  readonly requestTimeoutMs: number;
  /** Requests in flight at once. */
  readonly concurrency: number;
  /** Waits for the limiter and a free connection; call before claiming. The permit is used by the next `send` it is given to, or released. */
  acquirePermit(signal?: AbortSignal): Promise<Permit>;
  /**
   * Sends one batch as one request, never repeated in here. `checkBeforeDispatch` is awaited right before the first byte leaves; if it throws, nothing is sent.
   * @throws `SyncError`: WRITE_OUTCOME_UNKNOWN when the request may have been applied; RATE_LIMITED, SYSTEM_UNAVAILABLE (surely not applied), CREDENTIALS_REJECTED, …
   */
  send(batch: {
    readonly id: string;
    readonly kind: ChangeKind;
    readonly records: readonly OutgoingRecord[];
    readonly permit: Permit;
    readonly checkBeforeDispatch: () => Promise<void>;
    /** Told of this batch's own request, beside the target's observer. */
    readonly observer?: RequestObserver;
  }): Promise<BatchAnswer>;
  /** Looks target records up by match value. @returns for each value found, the records that have it */
  search(values: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, readonly FoundRecord[]>>;
  /**
   * What is added to the target itself (a table, columns) before records with such fields are written the first time, as people are told; undefined where nothing ever is. Adds nothing.
   * @param records by field: the value, undefined where it is not known yet
   * @throws DEFINITION_INVALID where the target lacks something that may not be added
   */
  readonly foresee?: (kind: ChangeKind, records: readonly Readonly<Record<string, Json | undefined>>[]) => Promise<readonly string[]>;
  /** Changes pace while running (tune). */
  setPace(pace: { readonly requestsPerSecond?: number; readonly concurrency?: number }): void;
  /** A link for people, where the connector knows one. */
  webUrl(targetId: string): string | undefined;
}

export interface Permit {
  release(): void;
}

/** The open connections of one process: one HTTP client, one limiter and one token for each account, shared by all that use it. */
export interface Connections {
  /**
   * Opens it once; a changed definition replaces it for later callers.
   * @param account `project/profile/connection`
   * @param party who uses it, where several do: a sync, and its priority
   * @throws SECRET_MISSING
   */
  open(account: string, connection: ResolvedConnection, party?: { readonly name: string; readonly priority: number }): OpenConnection;
  close(): Promise<void>;
}

export interface OpenConnection {
  /** Where it is, as people are told. */
  readonly address: string;
  /** @throws DEFINITION_INVALID where the connector has no such object, or it cannot be listed */
  source(object: string, observer?: RequestObserver): Source;
  /**
   * @param wanted fields that its search is to show, where it shows no more than it is asked for
   * @throws DEFINITION_INVALID where the connector has no such object, or it cannot be written
   */
  target(object: string, matchOn: string, observer?: RequestObserver, wanted?: readonly string[]): Target;
  /** One cheap read that proves address and credentials. */
  probe(signal?: AbortSignal): Promise<void>;
  /** What objects and fields there are; absent where nothing tells, and a sample of records is all that can be had. */
  readonly discover?: Discovery;
}

/** Tells the objects of a connection and their fields. Throws `SyncError` only. */
export interface Discovery {
  /** Those of the definition first, then those that the system has beside. */
  objects(signal?: AbortSignal): Promise<readonly string[]>;
  /** @throws DEFINITION_INVALID where there is no such object, or nothing tells its fields; what the system answers */
  fields(object: string, signal?: AbortSignal): Promise<DiscoveredFields>;
}

export interface DiscoveredFields {
  /** In the order of the system. */
  readonly facts: readonly FieldFacts[];
  readonly origin: FieldOrigin;
}
