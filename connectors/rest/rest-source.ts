import type { ConnectorObject, ListEndpoint } from '../../definition/schema/connector.ts';
import { SyncError } from '../../engine/errors.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { Json } from '../../engine/json.ts';
import type { HttpAnswer, HttpClient, HttpObserver } from '../../http/http-client.ts';
import { nextCursor } from '../../http/paging.ts';
import type { Page, ReadSlice, ReadWindow, Source } from '../ports.ts';
import { evaluateOnAnswer } from './broken-contract.ts';
import { begunAnew, furtherDown, furtherUp, loosened, offsetOf, overlapping } from './offset-walk.ts';
import { afterPage, type PageCursor, readPageCursor, secondWalk } from './page-cursor.ts';
import { compilePageFacts } from './page-facts.ts';
import { shownCursor, withPage } from './page-request.ts';
import { joinPage } from './page-seam.ts';
import { compileRecordReader } from './record-reader.ts';
import { refused } from './refused.ts';
import { compileRequest } from './request-template.ts';

export interface RestSourceOptions {
  readonly client: HttpClient;
  readonly connection: string;
  readonly objectName: string;
  readonly object: ConnectorObject & { readonly list: ListEndpoint };
  readonly observer: HttpObserver;
  /** Told what looks wrong and stops nothing. */
  readonly warn: (message: string) => void;
}

interface PageRead {
  readonly window: ReadWindow;
  readonly slice?: ReadSlice;
  readonly cursor: Json | undefined;
  readonly signal?: AbortSignal;
}

/** Reads an object by its manifest's `list` and `get`. Keeps nothing between pages: what is known of a walk stands in its cursor. */
export function openRestSource(options: RestSourceOptions): Source {
  const { client, connection, object, observer, warn } = options;
  const where = `${connection}.${options.objectName}.list`;
  const { page: rule } = object.list;
  const request = compileRequest(object.list, where);
  const reader = compileRecordReader(object, object.list.records, where);
  const pageFacts = compilePageFacts(rule, where);

  const ask = async ({ window, slice, signal }: PageRead, before: PageCursor | undefined): Promise<HttpAnswer> => {
    const rendered = await request.render({ window, slice, cursor: shownCursor(rule, before?.at) });
    const { answer, classification } = await client.send({ ...withPage(rendered, rule, before?.at), repeat: 'read', signal, observer });
    if (classification.class !== 'success') throw refused(connection, where, answer, classification);
    return answer;
  };

  const readAt = async (reading: PageRead, before: PageCursor | undefined): Promise<Page> => {
    const answer = await ask(reading, before);
    const records = await reader.readList(answer.body);
    const told = { observedAt: answer.sentAt, bytes: answer.bytes, ...serverTimeOf(answer) };
    const joint = before?.seam === undefined ? undefined : joinPage(before.seam, records);
    if (before !== undefined && joint?.joint === 'rounded') return readAt(reading, loosened(before));
    if (before !== undefined && joint?.joint === 'gap' && offsetOf(before) > 0) return { records, next: asJson(furtherUp(before)), ...told };
    const walked = before !== undefined && joint?.joint === 'gap' ? begunAnew(before) : before;
    if (walked?.isLoose === true && before?.isLoose !== true)
      warn(`${where} keeps no order from one page to the next: what goes from it while it is read may hide other records.`);
    const repeated = joint?.joint === 'joined' ? joint.repeated : 0;
    if (before?.seam !== undefined && before.seam.steps > 0 && repeated === records.length && repeated > 0)
      return { records, next: asJson(furtherDown(before, records)), ...told };
    const facts = { ...(await pageFacts(answer, records)), repeated };
    const at = atPlace(where, () => nextCursor(rule, walked?.at, facts));
    const read = (walked?.walk.records ?? 0) + records.length - repeated;
    const again = at === undefined ? secondWalk(rule, walked, facts.total) : undefined;
    if (at === undefined && again === undefined && facts.total !== undefined && read < facts.total) {
      warn(`${where} ended after fewer records than the ${facts.total} it announced: check where the page rule looks for the next page.`);
    }
    const following = at === undefined ? again : afterPage(rule, walked, at, { records, repeated, total: facts.total }, where);
    const next = following !== undefined && at !== undefined && rule.type === 'offset' ? overlapping(following, records) : following;
    return {
      records: joint?.joint === 'joined' ? joint.fresh : records,
      next: next === undefined ? undefined : asJson(next),
      ...told,
      ...(facts.total === undefined ? {} : { total: facts.total }),
    };
  };

  const readPage = async (reading: PageRead): Promise<Page> => {
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

  const readOne = compileReadOne(options);
  return readOne === undefined ? { readPage } : { readPage, readOne };
}

function compileReadOne({ client, connection, objectName, object, observer }: RestSourceOptions): Source['readOne'] | undefined {
  const { get } = object;
  if (get === undefined) return undefined;
  const where = `${connection}.${objectName}.get`;
  const request = compileRequest(get, where);
  const reader = compileRecordReader(object, '$', where);
  const record = get.record === undefined ? undefined : compileExpression(get.record);
  return async (key, signal) => {
    const { answer, classification } = await client.send({ ...(await request.render({ id: key })), repeat: 'read', signal, observer });
    if (classification.class === 'not-found') return undefined;
    if (classification.class !== 'success') throw refused(connection, where, answer, classification);
    return reader.readRecord(record === undefined ? answer.body : await evaluateOnAnswer(record, answer.body, `${where}.record`));
  };
}

/** The paging rules know no endpoint by name; whoever reads their message wants it. */
function atPlace<Result>(where: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SyncError) || error.code !== 'CONTRACT_BROKEN') throw error;
    throw new SyncError({ code: error.code, retry: error.retry, message: `${where}: ${error.message}`, details: error.details, cause: error });
  }
}

/** The source's clock in whole seconds (RFC 9110 section 6.6.1) says when it answered: what changed while it was reading must count as later. */
function serverTimeOf({ headers, durationMs }: HttpAnswer): { readonly serverTime?: number } {
  const serverTime = Date.parse(headers['date'] ?? '') - Math.ceil(durationMs);
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
