import type { ChangeKind } from '../../engine/outcome.ts';
import type { Classification, HttpAnswer, HttpRequest } from '../../http/http-client.ts';
import type { AnswerText } from '../../http/parse-body.ts';
import type { FoundRecord, OutgoingRecord, Page, Source, WriteAbility, WriteResult } from '../ports.ts';

/** A request by code. */
export interface ModuleRequest extends Pick<HttpRequest, 'method' | 'path' | 'query' | 'headers' | 'body' | keyof AnswerText> {
  readonly classify?: ((answer: HttpAnswer) => Classification | undefined | Promise<Classification | undefined>) | undefined;
}

/** What code is given: the account's own client, which signs, paces, repeats what may be repeated, and classifies answers by the connector's error rules. */
export interface ModuleContext {
  /** The object's name in the connector. */
  readonly object: string;
  /**
   * Sends a request to the account. A read is repeated for a few seconds where that can help. Of a write there is one, sent once.
   * @param request `as: 'base64'` gives the body as it came, for formats of its own; `classify` says what an answer means before the connector's rules do, nothing where they are to decide
   * @returns the answer of a success
   * @throws what the run understands: a wait, credentials that were refused, a write whose outcome is unknown, a refusal; let it pass
   */
  request(request: ModuleRequest): Promise<{
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
    readonly sentAt: number;
    readonly bytes: number;
  }>;
}

/** `next`: where the next page begins, plain JSON; absent after the last. `observedAt`: when its request was sent (ms). */
export type ModulePage = Pick<Page, 'records'> & Partial<Omit<Page, 'records'>>;

export interface ModuleWriteContext extends ModuleContext {
  readonly matchOn: string;
  /** The same however often the batch is sent: an idempotency key. */
  readonly batchId: string;
}

/** A kind of change that code writes. */
export interface ModuleWrite extends Pick<WriteAbility, 'maxRecords'>, Partial<Omit<WriteAbility, 'maxRecords' | 'jobs' | 'needsEtag'>> {
  /** By one request. @returns what became of each record, in their order */
  send(records: readonly OutgoingRecord[], context: ModuleWriteContext): Promise<readonly WriteResult[]>;
}

/** What the file or package of `module.from` exports, by default: the parts that `module.offers` names. Its state is its own; a worker loads it once. */
export type ObjectModule = Partial<Readonly<Record<ChangeKind, ModuleWrite>>> & {
  /** One page; see `Source.readPage`. The same cursor gives the same place again, in another process too. */
  readonly readPage?: (request: Parameters<Source['readPage']>[0], context: ModuleContext) => Promise<ModulePage>;
  /** @returns undefined where there is no such record; an answer of 404 that `request` throws means the same */
  readonly readOne?: (key: string, context: ModuleContext) => ReturnType<NonNullable<Source['readOne']>>;
  /** By match value, as many as are asked for. */
  readonly search?: (values: readonly string[], context: ModuleContext & { readonly matchOn: string }) => Promise<readonly FoundRecord[]>;
  /** How long a write may stay invisible to `search` (ms). */
  readonly indexingDelayMs?: number;
};
