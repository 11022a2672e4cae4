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
