import { pageInfoBeside } from '../../definition/page-info.ts';
import type { PageRule } from '../../definition/schema/connector.ts';
import { compileExpression, type Expression } from '../../engine/expression.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import type { HttpAnswer } from '../../http/http-client.ts';
import { nextLink } from '../../http/link-header.ts';
import type { PageFacts } from '../../http/paging.ts';
import type { SourceRecord } from '../ports.ts';
import { evaluateOnAnswer } from './broken-contract.ts';

/**
 * Evaluates what a page rule wants to know of an answer.
 * @param listed where the answer keeps its records
 * @param where names the endpoint in errors
 */
export function compilePageFacts(rule: PageRule, listed: string, where: string): (answer: HttpAnswer, records: readonly SourceRecord[]) => Promise<PageFacts> {
  const expression = (source: string | undefined): Expression | undefined => (source === undefined ? undefined : compileExpression(source));
  const total = 'total' in rule ? expression(rule.total) : undefined;
  const totalPages = rule.type === 'page' ? expression(rule.totalPages) : undefined;
  const pageInfo = rule.type === 'graphql' ? (rule.pageInfo ?? pageInfoBeside(listed)) : undefined;
  const hasMore = expression(pageInfo === undefined ? ('hasMore' in rule ? rule.hasMore : undefined) : `${pageInfo}.hasNextPage`);
  const next = expression(pageInfo === undefined ? nextOf(rule) : `${pageInfo}.endCursor`);
  const lastKey = rule.type === 'keyset' ? compileExpression(rule.key) : undefined;
  const isLinked = rule.type === 'next-url' && rule.url === undefined;

  return async ({ body, headers, url }, records) => {
    // Totals may stand in a header (X-Total-Count): `headers` is there beside the body's own fields.
    const scope = isJsonObject(body) ? { headers, ...body } : { headers, body };
    const on = (source: Expression | undefined) => evaluateOnAnswer(source, scope, `${where}.page`);
    const following = isLinked
      ? nextLink(headers['link'])
      : ((await on(next)) ?? (await evaluateOnAnswer(lastKey, records.at(-1)?.fields, `${where}.page.key`)));
    const first = await evaluateOnAnswer(lastKey, records[0]?.fields, `${where}.page.key`);
    const facts = {
      first,
      next: following,
      total: asNumber(await on(total)),
      totalPages: asNumber(await on(totalPages)),
      hasMore: asBoolean(await on(hasMore)),
    };
    return { records: records.length, requestUrl: url, ...facts };
  };
}

/** Whether headers tell what comes after a page. They may change where its body, and so its version, does not. */
export function isToldInHeaders(rule: PageRule, until: string | undefined): boolean {
  return (rule.type === 'next-url' && rule.url === undefined) || /\bheaders\b/.test(JSON.stringify([rule, until]));
}

function nextOf(rule: PageRule): string | undefined {
  return rule.type === 'cursor' ? rule.cursor : rule.type === 'next-url' ? rule.url : undefined;
}

function asNumber(value: Json | undefined): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** APIs say it as true, "true" or 1. Undefined where they say nothing that could be understood: then the records decide. */
function asBoolean(value: Json | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === '1' || value === 'true') return true;
  return value === 0 || value === '0' || value === 'false' ? false : undefined;
}
