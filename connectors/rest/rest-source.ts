import type { ConnectorObject, ListEndpoint, PageRule } from '../../definition/schema/connector.ts';
import { EMPTY_TRAIL, followCursor } from '../../engine/cursor-guard.ts';
import { SyncError } from '../../engine/errors.ts';
import { compileExpression, type Expression } from '../../engine/expression.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../../http/http-client.ts';
import { nextLink } from '../../http/link-header.ts';
import { nextCursor, type PageFacts, pageRequest } from '../../http/paging.ts';
import type { Page, ReadWindow, RequestObserver, Source, SourceRecord } from '../ports.ts';
import { observe } from './observe.ts';
import { compileRecordReader } from './record-reader.ts';
import { compileRequest, type RenderedRequest } from './request-template.ts';

export interface RestSourceOptions {
  readonly client: HttpClient;
  readonly connection: string;
  readonly objectName: string;
  readonly object: ConnectorObject & { readonly list: ListEndpoint };
  readonly observer: RequestObserver | undefined;
}

/** Reads an object by its manifest's `list` and `get`. */
export function openRestSource(options: RestSourceOptions): Source {
  const { client, connection, object } = options;
  const where = `${connection}.${options.objectName}`;
  const render = compileRequest(object.list, `${where}.list`);
  const reader = compileRecordReader(object, object.list.records, `${where}.list`);
  const pageFacts = compilePageFacts(object.list.page);
  const observer = observe(connection, options.observer);
  let trail = EMPTY_TRAIL;

  const readPage = async (request: { readonly window: ReadWindow; readonly cursor: Json | undefined; readonly signal?: AbortSignal }): Promise<Page> => {
    const rendered = await render({ window: request.window, cursor: request.cursor });
    const { answer, classification } = await client.send({
      ...withPage(rendered, object.list.page, request.cursor),
      repeat: 'read',
      signal: request.signal,
      observer,
    });
    if (classification.class !== 'success') throw refused(connection, `${where}.list`, answer, classification);
    const records = await reader.readList(answer.body);
    const facts = await pageFacts(answer, records);
    const next = nextCursor(object.list.page, request.cursor, facts);
    if (next !== undefined) trail = guard(trail, next, `${where}.list`);
    const serverTime = Date.parse(answer.headers['date'] ?? '');
    return {
      records,
      next,
      observedAt: answer.sentAt,
      bytes: answer.bytes,
      ...(Number.isNaN(serverTime) ? {} : { serverTime }),
      ...(facts.total === undefined ? {} : { total: facts.total }),
    };
  };

  const { get } = object;
  if (get === undefined) return { readPage };
  const renderGet = compileRequest(get, `${where}.get`);
  const record = get.record === undefined ? undefined : compileExpression(get.record);
  return {
    readPage,
    readOne: async (key, signal) => {
      const { answer, classification } = await client.send({ ...(await renderGet({ id: key })), repeat: 'read', signal, observer });
      if (classification.class === 'not-found') return undefined;
      if (classification.class !== 'success') throw refused(connection, `${where}.get`, answer, classification);
      return reader.readRecord((record === undefined ? answer.body : await record.evaluate(answer.body)) ?? null);
    },
  };
}

/** Adds page parameters and page size to a request, or goes to the next address as it is. */
function withPage(rendered: RenderedRequest, rule: PageRule, cursor: Json | undefined): Pick<HttpRequest, 'method' | 'path' | 'query' | 'headers' | 'body'> {
  const page = pageRequest(rule, cursor);
  if (page.url !== undefined) return { ...rendered, path: page.url, query: [] };
  const size = 'size' in rule && rule.size !== undefined ? [{ in: rule.size.in, name: rule.size.param, value: rule.size.max }] : [];
  const params = [...size, ...page.params];
  const inQuery = params.filter((param) => param.in === 'query').map((param) => [param.name, String(param.value)] as const);
  const inBody = params.filter((param) => param.in === 'body').map((param) => [param.name, param.value] as const);
  const query = [...rendered.query, ...inQuery];
  if (inBody.length === 0) return { ...rendered, query };
  const json = rendered.body !== undefined && 'json' in rendered.body && isJsonObject(rendered.body.json) ? rendered.body.json : {};
  return { ...rendered, query, body: { json: { ...json, ...Object.fromEntries(inBody) } } };
}

/** Evaluates what a page rule wants to know of an answer. */
function compilePageFacts(rule: PageRule): (answer: HttpAnswer, records: readonly SourceRecord[]) => Promise<PageFacts> {
  const expression = (source: string | undefined): Expression | undefined => (source === undefined ? undefined : compileExpression(source));
  const total = 'total' in rule ? expression(rule.total) : undefined;
  const totalPages = rule.type === 'page' ? expression(rule.totalPages) : undefined;
  const hasMore = 'hasMore' in rule ? expression(rule.hasMore) : undefined;
  const next = expression(rule.type === 'cursor' ? rule.cursor : rule.type === 'next-url' ? rule.url : undefined);
  const lastKey = rule.type === 'keyset' ? compileExpression(rule.key) : undefined;
  const size = 'size' in rule ? rule.size?.max : undefined;

  return async (answer, records) => {
    const { body, headers } = answer;
    const last = records.at(-1);
    // Totals may stand in a header (X-Total-Count): `headers` is there beside the body's own fields.
    const scope = isJsonObject(body) ? { ...body, headers } : { headers, body };
    const count = asNumber(await total?.evaluate(scope));
    const pages = asNumber(await totalPages?.evaluate(scope)) ?? (count !== undefined && size !== undefined ? Math.ceil(count / size) : undefined);
    const more = await hasMore?.evaluate(scope);
    const following =
      rule.type === 'next-url' && rule.url === undefined
        ? nextLink(headers['link'])
        : ((await next?.evaluate(scope)) ?? (await lastKey?.evaluate(last?.fields)));
    return {
      records: records.length,
      ...(following === undefined ? {} : { next: following }),
      ...(typeof more === 'boolean' ? { hasMore: more } : {}),
      ...(count === undefined ? {} : { total: count }),
      ...(pages === undefined ? {} : { totalPages: pages }),
    };
  };
}

function guard(trail: typeof EMPTY_TRAIL, next: Json, where: string): typeof EMPTY_TRAIL {
  const followed = followCursor(trail, JSON.stringify(next));
  if (!followed.isRepeat) return followed.trail;
  throw new SyncError({ code: 'CONTRACT_BROKEN', retry: 'never', message: `${where}: the cursor repeats, so the list would be read for ever.` });
}

function asNumber(value: Json | undefined): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function refused(
  connection: string,
  where: string,
  answer: HttpAnswer,
  classification: { readonly class: string; readonly message?: string },
): SyncError {
  const words = classification.message === undefined ? '' : `: ${classification.message}`;
  return new SyncError({
    code: 'REQUEST_REJECTED',
    retry: 'never',
    message: `${connection} refused ${where} (${answer.status})${words}. Check the endpoint in the connector.`,
  });
}
