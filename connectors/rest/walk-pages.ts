import type { ConnectorObject, ListEndpoint } from '../../definition/schema/connector.ts';
import { SyncError } from '../../engine/errors.ts';
import { compileExpression } from '../../engine/expression.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import { isTruthy } from '../../engine/truthy.ts';
import type { HttpAnswer, HttpObserver } from '../../http/http-client.ts';
import { cutLists } from '../graphql/cut-lists.ts';
import type { Page, ReadSlice, ReadWindow, SourceRecord, Validators } from '../ports.ts';
import { evaluateOnAnswer } from './broken-contract.ts';
import { fieldNamesFor } from './field-names.ts';
import { compileJobRequest } from './job-request.ts';
import { holdBack } from './observe.ts';
import { loosened } from './offset-walk.ts';
import { isAfterShort, type PageCursor, readPageCursor } from './page-cursor.ts';
import { compilePageFacts, isToldInHeaders } from './page-facts.ts';
import { shownCursor, withPage } from './page-request.ts';
import { conditionOf, NOT_MODIFIED, validatorsOf } from './page-validators.ts';
import { compileRecordReader, NO_CONTENT } from './record-reader.ts';
import { refused } from './refused.ts';
import { compileRequest } from './request-template.ts';
import type { RestSourceOptions } from './rest-source.ts';
import { walkOn } from './walk-list.ts';

/** What templates may insert of parents. */
interface ParentsInserted {
  readonly parent?: JsonObject;
  readonly parents?: readonly JsonObject[];
  readonly parentObject: string | undefined;
}

export interface PageRead {
  readonly window: ReadWindow;
  readonly slice?: ReadSlice;
  readonly cursor: Json | undefined;
  readonly signal?: AbortSignal;
  readonly validators?: Validators;
  /** Whose records the list has: what templates insert of it (or of several, together), and what each record gets from it. */
  readonly parent?: { readonly inserted: ParentsInserted; readonly added: JsonObject };
  /** The page is here already: what answered it, and when. */
  readonly given?: { readonly body: Json; readonly observedAt: number };
  /** Names of the fields that are asked for, where a request takes some of them only. */
  readonly fieldNames?: readonly string[];
  /** Of an export that is downloaded: its job. */
  readonly job?: string;
  /** Of an export whose download inserts it: the last answer of its poll. */
  readonly poll?: Json;
  /** When that was asked for (ms). */
  readonly madeAt?: number;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** `isGone`: there is no such list, or page. */
type Asked = HttpAnswer & { readonly isGone?: true };

/** What pages are asked for with. */
type PagedEndpoint = Omit<ListEndpoint, 'export' | 'parents' | 'records' | 'fieldNames' | 'whole' | 'cap'> & {
  readonly records?: string | undefined;
  readonly hosts?: readonly string[] | undefined;
};

/**
 * Reads the pages of one endpoint that lists records, whatever way it pages.
 * @param where names the endpoint in errors: `acme.contacts.list`
 */
export function compilePages(
  { client, connection, objectName, object: { fields, knownFields }, tellFieldNames, observer, warn }: RestSourceOptions,
  endpoint: PagedEndpoint,
  object: Pick<ConnectorObject, 'primaryKey' | 'values'>,
  where: string,
): (read: PageRead) => Promise<Page> {
  const { page: rule } = endpoint;
  const { records = '$' } = endpoint;
  const request = METHODS.some((method) => endpoint[method] !== undefined) || endpoint.graphql !== undefined ? compileRequest(endpoint, where) : undefined;
  const renderLink = endpoint.hosts === undefined ? undefined : compileJobRequest(endpoint, where);
  const allNames = fieldNamesFor(tellFieldNames, { objectName, object: { fields, knownFields }, where }, endpoint);
  const reader = compileRecordReader(object, records, where, endpoint);
  const isKeyShared = rule.type === 'keyset' && rule.key !== object.primaryKey;
  const pageFacts = compilePageFacts(rule, records, where);
  const isEndInHeaders = isToldInHeaders(rule, endpoint.until);

  const until = endpoint.until === undefined ? undefined : compileExpression(endpoint.until);

  const isEnd = async ({ body, headers }: HttpAnswer, list: readonly SourceRecord[], window: ReadWindow): Promise<boolean> => {
    if (until === undefined) return false;
    const scope = { ...(isJsonObject(body) ? { headers, ...body } : { headers, body }), record: list.at(-1)?.fields ?? {}, window: { ...window } };
    return isTruthy(await evaluateOnAnswer(until, scope, `${where}.until`));
  };

  const ask = async (
    { window, slice, signal, validators, parent, job, poll, fieldNames, given }: PageRead,
    before: PageCursor | undefined,
    told: HttpObserver,
  ): Promise<Asked> => {
    if (given !== undefined || request === undefined) return answerOf(given);
    const names = fieldNames === undefined ? await allNames() : { fieldNames };
    const scope = { window, slice, job, poll, cursor: shownCursor(rule, before?.at), ...parent?.inserted, ...names };
    const rendered = renderLink === undefined ? await request.render(scope, { now: Date.now() }) : await renderLink(scope);
    // Without a link there is nothing to fetch.
    if (rendered === undefined) return { ...answerOf(undefined), status: NO_CONTENT };
    const asked = withPage(rendered, rule, before?.at);
    const headers = { ...asked.headers, ...conditionOf(request.method, validators) };
    const { answer, classification } = await client.send({ ...asked, headers, repeat: 'read', signal, observer: told });
    if (answer.status === NOT_MODIFIED && validators !== undefined) return answer;
    // Between the list of parents and its own it was deleted, with all it had.
    if (classification.class === 'not-found' && parent?.inserted.parent !== undefined) return { ...answer, isGone: true };
    // Some have no page after the last one, not even an empty one.
    if (classification.class === 'not-found' && rule.type === 'page' && isAfterShort(before)) return { ...answer, isGone: true };
    if (classification.class !== 'success') throw refused(connection, where, answer, classification);
    return answer;
  };

  const readAt = async (reading: PageRead, before: PageCursor | undefined): Promise<Page> => {
    const held = holdBack(observer);
    try {
      return await readHeld(reading, before, held);
    } finally {
      held.tell();
    }
  };

  const readHeld = async (reading: PageRead, before: PageCursor | undefined, held: ReturnType<typeof holdBack>): Promise<Page> => {
    const answer = await ask(reading, before, held.observer);
    const told = { observedAt: answer.sentAt, bytes: answer.bytes, ...serverTimeOf(answer) };
    if (answer.status === NOT_MODIFIED) return { ...told, records: [], next: undefined, isNotModified: true };
    if (answer.isGone === true) return { ...told, records: [], next: undefined };
    const list = answer.status === NO_CONTENT ? [] : await reader.readList(answer.body, reading.parent?.added);
    held.tell({ keys: list.map(({ key }) => key) });
    for (const name of endpoint.graphql === undefined ? [] : cutLists(list))
      warn(`${where}: some records have more ${name} than the document asks for: the rest is not read.`);
    const facts = await pageFacts(answer, list);
    const walked = walkOn(rule, before, { records: list, facts, isKeyShared }, where, warn);
    if (walked.step === 'again') return readAt(reading, walked.at);
    const { next } = (await isEnd(answer, list, reading.window)) ? { next: undefined } : walked;
    const { total } = facts;
    return {
      ...told,
      records: walked.records,
      next: next === undefined ? undefined : asJson(next),
      ...(total === undefined ? {} : { total }),
      // A last page whose body is as it was need not be the last any more.
      ...(request === undefined || (next === undefined && isEndInHeaders) ? {} : validatorsOf(request.method, answer)),
    };
  };

  return async (reading) => {
    const before = readPageCursor(reading.cursor);
    try {
      return await readAt(reading, before);
    } catch (error) {
      // Some APIs refuse offsets that are no multiple of the page size: the second page tells.
      const isOdd = error instanceof SyncError && error.code === 'REQUEST_REJECTED' && before?.seam?.steps === 0 && before.walk.pages === 1;
      if (!isOdd) throw error;
      return readAt(reading, loosened(before));
    }
  };
}

/** The source's clock in whole seconds (RFC 9110 section 6.6.1) says when it answered: what changed while it was reading must count as later. */
export function serverTimeOf({ headers, durationMs }: HttpAnswer): { readonly serverTime?: number } {
  const serverTime = Date.parse(headers['date'] ?? '') - durationMs;
  return Number.isNaN(serverTime) ? {} : { serverTime };
}

/** What is here already, as an answer of which nothing else is known. */
function answerOf(given: PageRead['given']): HttpAnswer {
  return { status: 200, headers: {}, body: given?.body ?? null, bytes: 0, sentAt: given?.observedAt ?? Date.now(), durationMs: 0 };
}

function asJson({ at, walk, seam, isLoose, anew }: PageCursor): Json {
  const joined = {
    ...(seam === undefined ? {} : { seam: { ...seam } }),
    ...(isLoose === undefined ? {} : { isLoose }),
    ...(anew === undefined ? {} : { anew }),
  };
  return { at, walk: { ...walk }, ...joined };
}
