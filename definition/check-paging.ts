import { checkExpression, type Page } from './check-expression.ts';
import type { Mistake } from './mistake.ts';
import type { ConnectorObject } from './schema/connector.ts';
import type { Path } from './yaml-file.ts';

const PAGE_EXPRESSIONS = new Set(['cursor', 'pageInfo', 'total', 'totalPages', 'hasMore', 'url', 'key']);

/** The expressions of a page rule. */
export function checkPaging(page: Page, path: Path, rule: NonNullable<ConnectorObject['list']>['page']): Mistake[] {
  return Object.entries(rule).flatMap(([key, value]) =>
    PAGE_EXPRESSIONS.has(key) && typeof value === 'string' ? checkExpression(page, [...path, key], value) : [],
  );
}

/** Bodies without fields to put a parameter beside. */
const WITHOUT_FIELDS: ReadonlySet<string> = new Set(['xml', 'csv', 'ndjson', 'text']);

/** A parameter that would have to go into a body which has no place for it. */
export function checkPageBody({ file }: Page, path: Path, { page: rule, format, body }: PagedBody): Mistake[] {
  const isInBody = 'in' in rule && rule.in === 'body';
  const isSizeInBody = rule.type !== 'graphql' && 'size' in rule && rule.size?.in === 'body';
  if (!isInBody && !isSizeInBody) return [];
  if (!WITHOUT_FIELDS.has(format ?? 'json') && !Array.isArray(body)) return [];
  const message = 'goes into the body, which is neither a form nor a JSON object: let its template insert {cursor}, and leave `in` away';
  return [file.mistake([...path, 'page', ...(isInBody ? ['in'] : ['size', 'in'])], message)];
}

interface PagedBody {
  readonly page: NonNullable<ConnectorObject['list']>['page'];
  readonly format?: string | undefined;
  readonly body?: unknown;
}
