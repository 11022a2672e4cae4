import type { ErrorCode } from '../engine/errors.ts';
import type { Json, JsonObject } from '../engine/json.ts';
import type { AuthOptions } from './auth/auth-options.ts';
import type { CostFacts } from './cost-bucket.ts';
import type { Party, PartyPace } from './fair-queue.ts';
import type { AnswerText } from './parse-body.ts';
import type { QuotaHeader } from './quota-header.ts';
import type { DeclaredWindow } from './rate-window.ts';
import type { SharedBudget } from './shared-budget.ts';
import type { WindowUse } from './window-use.ts';

export type { AuthOptions } from './auth/auth-options.ts';

/** What a connection shows and trusts, as PEM, beside what the system trusts. */
export interface TlsOptions {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly authority?: string | undefined;
}

/** Where rotated tokens survive a restart; the ledger has one. */
export interface TokenStore {
  readCredential(account: string, name: string): Promise<JsonObject | undefined>;
  saveCredential(account: string, name: string, value: JsonObject, at: number): Promise<void>;
  withCredentialLock<Result>(account: string, work: () => Promise<Result>): Promise<Result>;
}

/** Windows of some of an account's requests. */
export interface EndpointLimit {
  /** Which they are; the first that fits says how many a request counts as. */
  readonly of: readonly {
    readonly method?: string | undefined;
    /** A regular expression over the path behind the base, without its query. */
    readonly path?: string | undefined;
    readonly query?: Readonly<Record<string, string>> | undefined;
    readonly headers?: Readonly<Record<string, string>> | undefined;
    readonly weight: number;
  }[];
  readonly requests: readonly DeclaredWindow[];
}

export interface HttpClientOptions {
  /** Connection name, for messages: "hubspot refused the token". */
  readonly name: string;
  /** Owner of limits and tokens: `project/profile/connection`. */
  readonly account: string;
  readonly baseUrl: string;
  readonly auth: AuthOptions;
  readonly tls?: TlsOptions;
  readonly headers: Readonly<Record<string, string>>;
  readonly limits: {
    readonly requests?: readonly DeclaredWindow[] | undefined;
    /** Of some requests, beside those of all. */
    readonly endpoints?: readonly EndpointLimit[] | undefined;
    /** Of all processes together, where it is declared. @default 8, of each process */
    readonly concurrency?: number | undefined;
    readonly headers?: { readonly limit?: string | undefined; readonly remaining?: string | undefined; readonly reset?: string | undefined } | undefined;
    /** Where answers tell how much of a quota is used. */
    readonly quota?: QuotaHeader | undefined;
  };
  readonly timeouts: { readonly connectMs: number; readonly headersMs: number; readonly bodyMs: number; readonly requestMs: number };
  readonly maxAnswerBytes: number;
  readonly allowPlainHttp: boolean;
  readonly tokens?: TokenStore;
  /** Where the limits of the account are divided with other processes; absent: they are ours alone. */
  readonly sharedBudget?: SharedBudget;
  /** The connector's own reading of an answer, before the HTTP defaults; undefined: the defaults decide. */
  readonly classify?: (answer: HttpAnswer) => Promise<Classification | undefined>;
  /** What an answer says of the points that requests cost, where the API counts these; undefined: nothing. */
  readonly readCost?: (answer: HttpAnswer) => Promise<CostFacts | undefined>;
  readonly onWarning?: (message: string) => void;
  /** Told what the client does, for metrics and traces. */
  readonly sight?: HttpSight | undefined;
}

/** Why requests wait here: for their pace; for a quota; because the API asked; for one of those in flight; for this process' part of what several share. */
export type WaitReason = 'pace' | 'quota' | 'asked' | 'places' | 'shared';

/** Told what the clients of a process do. Never given a header, a body, an address or a query. */
export interface HttpSight {
  /** After each request, also one without an answer. Called where the request was asked for. */
  onExchange(exchange: {
    readonly account: string;
    readonly connection: string;
    readonly method: string;
    readonly status?: number | undefined;
    /** Why there is no answer that could be read. */
    readonly failure?: ErrorCode | undefined;
    readonly sentAt: number;
    readonly durationMs: number;
    readonly isRetry: boolean;
    readonly sentBytes: number;
    /** Unpacked; 0 without an answer. */
    readonly receivedBytes: number;
  }): void;
  /** After a request waited for its turn. */
  onWaited(wait: { readonly connection: string; readonly reason: WaitReason; readonly ms: number }): void;
  /** A client was opened: its windows can be looked at until it is closed. @returns to be called then */
  onOpened(client: { readonly account: string; readonly connection: string; readonly windows: () => readonly WindowUse[] }): () => void;
}

/** A request with its answer, whole and without credentials: holds values of records. */
export interface HttpExchange {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly sentAt: number;
  readonly durationMs: number;
  readonly status?: number | undefined;
  readonly failure?: string | undefined;
  readonly requestId?: string | undefined;
  readonly sent?: Json | undefined;
  readonly received?: Json | undefined;
  /** Source records that it is about, and match values that it asks for: added by who knows. */
  readonly keys?: readonly string[] | undefined;
  readonly matches?: readonly string[] | undefined;
}

/** What an answer means for the request. */
export type Classification =
  | { readonly class: 'success' }
  /** 4xx: the request was understood and refused; sending it again unchanged does not help. */
  | { readonly class: 'reject-request'; readonly message: string; readonly apiCode?: string }
  | { readonly class: 'not-found'; readonly message: string }
  | { readonly class: 'too-large' }
  /** Surely not applied; try again after the pause. */
  | { readonly class: 'rate-limited'; readonly afterMs?: number }
  | { readonly class: 'quota-spent'; readonly untilMs?: number }
  | { readonly class: 'unprocessed'; readonly afterMs?: number }
  /** 5xx: a write may have been applied. */
  | { readonly class: 'retry'; readonly message: string }
  | { readonly class: 'credentials'; readonly message: string }
  | { readonly class: 'cursor-expired'; readonly message: string };

/** One part of a multipart/form-data request (RFC 7578): a text, or a file, whose type is the Blob's. In the order given: some APIs want the file last. */
export type FormPart = { readonly name: string; readonly text: string } | { readonly name: string; readonly file: Blob; readonly fileName: string };

/** With how its answer is written, where it is no JSON: it is asked for so, and parsed. */
export interface HttpRequest extends AnswerText {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Joined to baseUrl, or an absolute URL of the same origin (anything else is refused, but for `hosts`). */
  readonly path: string;
  /** Other hosts that a link in `path` may lead to, by their names or as `*.acme.com`: it is sent without anything of the account. */
  readonly hosts?: readonly string[] | undefined;
  readonly query?: readonly (readonly [name: string, value: string])[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?:
    | { readonly json: Json }
    | { readonly form: Readonly<Record<string, string>> }
    | { readonly text: string; readonly type: string }
    | { readonly parts: readonly FormPart[] }
    | { readonly file: Blob };
  /** A file goes or comes: it may take as long as it moves. */
  readonly isLong?: boolean | undefined;
  /** A good answer goes into this file, unpacked and unread, however large up to `maxBytes`; its body is then null. */
  readonly into?: { readonly file: string; readonly maxBytes: number } | undefined;
  /**
   * read: repeated inside for a few seconds on any transient failure. once: sent once; only what surely never arrived or was not processed (refused connection, DNS,
   * TLS, 429, 503 that the connector calls unprocessed) raises a retryable error, all else WRITE_OUTCOME_UNKNOWN. Never repeated inside.
   */
  readonly repeat: 'read' | 'once';
  readonly signal?: AbortSignal | undefined;
  readonly permit?: HttpPermit | undefined;
  /** Awaited right before the first byte leaves. If it throws, nothing is sent and its error is passed on. */
  readonly checkBeforeDispatch?: (() => Promise<void>) | undefined;
  readonly observer?: HttpObserver | undefined;
  /** The reading of answers to this request, where HTTP alone does not tell. `byConnector` is the client's own; undefined: the HTTP defaults decide. */
  readonly classify?: ((answer: HttpAnswer, byConnector: () => Promise<Classification | undefined>) => Promise<Classification | undefined>) | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; text where it is not JSON; null where empty. */
  readonly body: Json;
  readonly bytes: number;
  readonly sentAt: number;
  readonly durationMs: number;
  readonly requestId?: string;
  /** What was asked, after redirects; holds no credential. A relative next link is relative to it. */
  readonly url?: string;
}

export interface HttpPermit {
  /** Gives the place back; safe to call twice. */
  release(): void;
}

export interface HttpObserver {
  onRequest?(request: {
    readonly method: string;
    readonly path: string;
    readonly status?: number;
    readonly durationMs: number;
    readonly isRetry: boolean;
    readonly failure?: string;
    readonly requestId?: string;
    readonly sentAt: number;
  }): void;
  onWait?(wait: { readonly reason: string; readonly ms: number }): void;
  onExchange?(exchange: HttpExchange): void;
}

/** One account of one API: paces, authenticates, sends, reads and classifies. */
export interface HttpClient {
  /** Waits for the pace and a free place. `send` does this itself for a request without a permit. */
  acquirePermit(signal?: AbortSignal, observer?: HttpObserver): Promise<HttpPermit>;
  /**
   * @returns the answer where its class is success, reject-request, not-found or too-large, with that class
   * @throws SyncError: CREDENTIALS_REJECTED, RATE_LIMITED and QUOTA_SPENT (retry: afterMs), SYSTEM_UNAVAILABLE (backoff), CURSOR_EXPIRED, CONTRACT_BROKEN, WRITE_OUTCOME_UNKNOWN (repeat: once)
   */
  send(request: HttpRequest): Promise<{ readonly answer: HttpAnswer; readonly classification: Classification }>;
  /** Takes what an answer that stands within another says of the limits as if it had come by itself. */
  learn(answer: HttpAnswer, classification: Classification): void;
  /** Of the party whose client this is. */
  setPace(pace: PartyPace): void;
  /** The same client for one of several who share it, and get requests by their weight. */
  forParty(party: Party): HttpClient;
  close(): Promise<void>;
}
