import type { Endpoint } from './check-endpoint.ts';
import type { Page } from './check-expression.ts';
import type { GraphqlDocument } from './graphql-document.ts';
import type { Mistake } from './mistake.ts';
import { pageInfoBeside } from './page-info.ts';
import type { PageRule } from './schema/connector.ts';
import type { Path } from './yaml-file.ts';

/** What a connection tells of its next page (Relay's Cursor Connections, section 5). */
const OF_PAGE_INFO = ['hasNextPage', 'endCursor'];

/** The variables that a page rule gives values to, and where it names them. */
export function pageVariables(rule: PageRule | undefined): readonly { readonly name: string; readonly place: readonly string[] }[] {
  if (rule === undefined || rule.type === 'none') return [];
  const param = rule.type !== 'next-url' && isVariable(rule) ? [{ name: rule.param, place: ['page', 'param'] }] : [];
  const isSize = rule.size !== undefined && (rule.type === 'graphql' || rule.size.in === 'variables');
  return isSize && rule.size !== undefined ? [...param, { name: rule.size.param, place: ['page', 'size', 'param'] }] : param;
}

export function pageRuleOf(endpoint: Endpoint): PageRule | undefined {
  return 'page' in endpoint ? endpoint.page : undefined;
}

/** How a list that is asked for by a GraphQL document is read page by page. */
export function checkGraphqlPage({ file }: Page, path: Path, endpoint: Endpoint, { fields }: GraphqlDocument): Mistake[] {
  const rule = pageRuleOf(endpoint);
  if (rule === undefined || rule.type === 'none' || rule.type === 'next-url') return [];
  if (rule.type !== 'graphql')
    return isVariable(rule)
      ? []
      : [file.mistake([...path, 'page'], `the ${rule.type} of a GraphQL list goes into a variable: add "in: variables"`, { at: 'key' })];
  const records = 'records' in endpoint ? (endpoint.records ?? '') : '';
  const isFound = rule.pageInfo !== undefined || pageInfoBeside(records) !== undefined;
  const isAsked = OF_PAGE_INFO.every((name) => fields.has(name));
  return [
    ...(isFound ? [] : [file.mistake([...path, 'page'], '`records` are no nodes or edges: say with `pageInfo` where the answer keeps it', { at: 'key' })]),
    ...(isAsked ? [] : [file.mistake([...path, 'graphql'], 'asks for no `pageInfo { hasNextPage endCursor }`: the next page could not be found')]),
  ];
}

function isVariable(rule: Exclude<PageRule, { type: 'none' | 'next-url' }>): boolean {
  return rule.type === 'graphql' || rule.in === 'variables';
}
