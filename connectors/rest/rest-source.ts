import type { ConnectorObject, ListEndpoint } from '../../definition/schema/connector.ts';
import { SyncError } from '../../engine/errors.ts';
import { compileExpression } from '../../engine/expression.ts';
import type { Json } from '../../engine/json.ts';
import type { HttpAnswer, HttpClient, HttpObserver } from '../../http/http-client.ts';
import { nextCursor } from '../../http/paging.ts';
import type { Page, ReadSlice, ReadWindow, Source } from '../ports.ts';
import { evaluateOnAnswer } from './broken-contract.ts';
import { afterPage, readPageCursor } from './page-cursor.ts';
import { compilePageFacts } from './page-facts.ts';
import { shownCursor, withPage } from './page-request.ts';
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

  const readPage = async ({ window, slice, cursor, signal }: PageRead): Promise<Page> => {
    const before = readPageCursor(cursor);
    const rendered = await request.render({ window, slice, cursor: shownCursor(rule, before?.at) });
    const { answer, classification } = await client.send({ ...withPage(rendered, rule, before?.at), repeat: 'read', signal, observer });
    if (classification.class !== 'success') throw refused(connection, where, answer, classification);
    const records = await reader.readList(answer.body);
    const facts = await pageFacts(answer, records);
    const next = atPlace(where, () => nextCursor(rule, before?.at, facts));
    const read = (before?.walk.records ?? 0) + records.length;
    if (next === undefined && facts.total !== undefined && read < facts.total) {
      warn(`${where} ended after fewer records than the ${facts.total} it announced: check where the page rule looks for the next page.`);
    }
    return {
      records,
      next: next === undefined ? undefined : afterPage(rule, before, next, records, where),
      observedAt: answer.sentAt,
      bytes: answer.bytes,
      ...serverTimeOf(answer),
      ...(facts.total === undefined ? {} : { total: facts.total }),
    };
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
