import { pageInfoBeside } from '../../definition/page-info.ts';
import type { ListEndpoint, PageRule } from '../../definition/schema/connector.ts';
import { compileExpression } from '../../engine/expression.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import { Untried } from './kit-row.ts';
import type { AnswerRequest, VendorAnswer, VendorRequest } from './mock-vendor.ts';
import { answerGiving, evaluated, mergeJson } from './place-value.ts';
import type { SampleRecord } from './sample-records.ts';
import { writtenAs } from './written-as.ts';

/** Where the mock keeps the number of a page in the address of the next one. */
const PAGE_MARK = 'kit-page';

type ListShape = Pick<ListEndpoint, 'records' | 'page' | 'as' | 'csv' | 'unzip'>;

/** What an answer says of its place in the list. */
interface PlaceFacts {
  readonly next?: Json;
  readonly total: number;
  readonly pages: number;
  readonly hasMore: boolean;
}

/** A vendor that has these records, and pages them as the manifest says that the API does: by the request alone, keeping nothing in mind. */
export function listVendor(list: ListShape, records: readonly SampleRecord[], pageSize: number): AnswerRequest {
  return async (request) => {
    const from = startOf(list.page, records, pageSize, request);
    if (from === undefined) return { status: 400, body: { message: 'this is no cursor that the list has given' } };
    const size = list.page.type === 'none' ? records.length : pageSize;
    const shown = records.slice(from, from + size);
    const hasMore = from + size < records.length;
    const page = Math.floor(from / pageSize);
    const next = hasMore ? nextOf(list.page, request, page + 1) : undefined;
    const facts = { total: records.length, pages: Math.ceil(records.length / pageSize), hasMore, ...(next === undefined ? {} : { next }) };
    return writtenAs(list, await pageAnswer(list, shown, facts));
  };
}

/** Places at which the list begins, by what the request asks for. */
function startOf(rule: PageRule, records: readonly SampleRecord[], pageSize: number, request: VendorRequest): number | undefined {
  switch (rule.type) {
    case 'none':
      return 0;
    case 'next-url':
      return Number(request.query.get(PAGE_MARK) ?? 0) * pageSize;
    case 'page':
      return (Number(parameter(rule, request) ?? rule.start) - rule.start) * pageSize;
    case 'offset':
      return Number(parameter(rule, request) ?? 0);
    case 'cursor':
    case 'graphql': {
      const given = parameter(rule.type === 'graphql' ? { param: rule.param, in: 'variables' } : rule, request);
      if (given === undefined) return 0;
      const [, page] = /^cursor-(\d+)$/.exec(given) ?? [];
      return page === undefined ? undefined : Number(page) * pageSize;
    }
    case 'keyset': {
      const given = parameter(rule, request);
      if (given === undefined) return 0;
      const last = records.findIndex(({ key }) => key === given);
      return last < 0 ? undefined : last + 1;
    }
    default:
      throw new Untried(`the kit has no mock of paging by "${String(Object(rule).type)}": give an example.`);
  }
}

function parameter(
  { param, in: place }: { readonly param: string; readonly in: 'query' | 'body' | 'variables' },
  { query, body }: VendorRequest,
): string | undefined {
  const fields = place === 'variables' && isJsonObject(body) ? body['variables'] : body;
  const value = place === 'query' ? query.get(param) : isJsonObject(fields) ? fields[param] : undefined;
  return value === null || value === undefined ? undefined : String(value);
}

function nextOf(rule: PageRule, request: VendorRequest, page: number): Json | undefined {
  if (rule.type === 'cursor' || rule.type === 'graphql') return `cursor-${page}`;
  if (rule.type !== 'next-url') return undefined;
  const query = new URLSearchParams(request.query);
  query.set(PAGE_MARK, String(page));
  return `http://${request.headers.host ?? ''}${request.path}?${query}`;
}

/** All that the manifest wants to know of an answer, in one. */
async function pageAnswer({ records = '$', page: rule }: ListShape, shown: readonly SampleRecord[], facts: PlaceFacts): Promise<VendorAnswer> {
  let answer = await answerGiving(
    records,
    shown.map(({ entry }) => entry),
  );
  const put = async (source: string | undefined, value: Json) => {
    if (source !== undefined) answer = await answerGiving(source, value, answer);
  };
  if ('total' in rule) await put(rule.total, facts.total);
  if (rule.type === 'page') await put(rule.totalPages, facts.pages);
  if ('hasMore' in rule) await put(rule.hasMore, facts.hasMore);
  const pageInfo = rule.type === 'graphql' ? (rule.pageInfo ?? pageInfoBeside(records)) : undefined;
  if (pageInfo !== undefined) {
    await put(`${pageInfo}.hasNextPage`, facts.hasMore);
    await put(`${pageInfo}.endCursor`, facts.next ?? null);
  }
  const cursor = rule.type === 'cursor' ? rule.cursor : rule.type === 'next-url' ? rule.url : undefined;
  if (cursor !== undefined) answer = await withNext(cursor, facts.next, answer);
  const headers = rule.type === 'next-url' && rule.url === undefined && facts.next !== undefined ? { link: `<${String(facts.next)}>; rel="next"` } : {};
  return asAnswer(answer, headers);
}

/** The last page names no next one. */
async function withNext(source: string, next: Json | undefined, answer: Json): Promise<Json> {
  if (next !== undefined) return answerGiving(source, next, answer);
  const expression = compileExpression(source);
  for (const around of [{}, ...expression.paths.map((path) => pathSetTo(path, false)), ...expression.paths.map((path) => pathSetTo(path, true))]) {
    const candidate = mergeJson(answer, around);
    const told = await evaluated(expression, candidate);
    if (told === undefined || told === null || told === '' || told === false) return candidate;
  }
  throw new Untried(`an answer without a next page is not derivable from "${source}": give an example.`);
}

function pathSetTo(path: string, value: boolean): Json {
  return path.split('.').reduceRight<Json>((inner, step) => ({ [step.replaceAll('`', '')]: inner }), value);
}

/** What stands under `headers` of such an answer is in its headers. */
export function asAnswer(answer: Json, more: Readonly<Record<string, string>> = {}): VendorAnswer {
  if (!isJsonObject(answer) || !isJsonObject(answer['headers'])) return { body: answer, headers: more };
  const { headers, ...body } = answer;
  return { body, headers: { ...textHeaders(headers), ...more } };
}

export function textHeaders(headers: Json | undefined): Readonly<Record<string, string>> {
  const named: JsonObject = isJsonObject(headers) ? headers : {};
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, String(value)]));
}
