import type { ConnectorObject, ListEndpoint } from '../../definition/schema/connector.ts';
import { SyncError } from '../../engine/errors.ts';
import type { Json } from '../../engine/json.ts';
import type { HttpAnswer, HttpObserver } from '../../http/http-client.ts';
import type { Page, ReadSlice, ReadWindow, Validators } from '../ports.ts';
import { holdBack } from './observe.ts';
import { loosened } from './offset-walk.ts';
import { type PageCursor, readPageCursor } from './page-cursor.ts';
import { compilePageFacts } from './page-facts.ts';
import { shownCursor, withPage } from './page-request.ts';
import { conditionOf, NOT_MODIFIED, validatorsOf } from './page-validators.ts';
import { compileRecordReader } from './record-reader.ts';
import { refused } from './refused.ts';
import { compileRequest } from './request-template.ts';
import type { RestSourceOptions } from './rest-source.ts';
import { walkOn } from './walk-list.ts';

export interface PageRead {
  readonly window: ReadWindow;
  readonly slice?: ReadSlice;
  readonly cursor: Json | undefined;
  readonly signal?: AbortSignal;
  readonly validators?: Validators;
}

/**
 * Reads the pages of one endpoint that lists records, whatever way it pages.
 * @param where names the endpoint in errors: `acme.contacts.list`
 */
export function compilePages(
  { client, connection, observer, warn }: RestSourceOptions,
  endpoint: ListEndpoint,
  object: Pick<ConnectorObject, 'primaryKey' | 'values'>,
  where: string,
): (read: PageRead) => Promise<Page> {
  const { page: rule } = endpoint;
  const request = compileRequest(endpoint, where);
  const reader = compileRecordReader(object, endpoint.records, where);
  const isKeyShared = rule.type === 'keyset' && rule.key !== object.primaryKey;
  const pageFacts = compilePageFacts(rule, where);

  const ask = async ({ window, slice, signal, validators }: PageRead, before: PageCursor | undefined, told: HttpObserver): Promise<HttpAnswer> => {
    const rendered = await request.render({ window, slice, cursor: shownCursor(rule, before?.at) });
    const asked = withPage(rendered, rule, before?.at);
    const headers = { ...asked.headers, ...conditionOf(request.method, validators) };
    const { answer, classification } = await client.send({ ...asked, headers, repeat: 'read', signal, observer: told });
    if (answer.status === NOT_MODIFIED && validators !== undefined) return answer;
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
    if (answer.status === NOT_MODIFIED)
      return { records: [], next: undefined, observedAt: answer.sentAt, bytes: answer.bytes, ...serverTimeOf(answer), isNotModified: true };
    const list = await reader.readList(answer.body);
    held.tell({ keys: list.map(({ key }) => key) });
    const facts = await pageFacts(answer, list);
    const walked = walkOn(rule, before, { records: list, facts, isKeyShared }, where, warn);
    if (walked.step === 'again') return readAt(reading, walked.at);
    const { records, next } = walked;
    const { total } = facts;
    return {
      records,
      next: next === undefined ? undefined : asJson(next),
      observedAt: answer.sentAt,
      bytes: answer.bytes,
      ...serverTimeOf(answer),
      ...(total === undefined ? {} : { total }),
      ...validatorsOf(request.method, answer),
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
function serverTimeOf({ headers, durationMs }: HttpAnswer): { readonly serverTime?: number } {
  const serverTime = Date.parse(headers['date'] ?? '') - durationMs;
  return Number.isNaN(serverTime) ? {} : { serverTime };
}

function asJson({ at, walk, seam, isLoose, anew }: PageCursor): Json {
  const joined = {
    ...(seam === undefined ? {} : { seam: { ...seam } }),
    ...(isLoose === undefined ? {} : { isLoose }),
    ...(anew === undefined ? {} : { anew }),
  };
  return { at, walk: { ...walk }, ...joined };
}
