import type { PageRule } from '../../definition/schema/connector.ts';
import { SyncError } from '../../engine/errors.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import { pageRequest } from '../../http/paging.ts';
import { formFields } from './form-body.ts';
import { asText, type RenderedRequest } from './request-template.ts';

/**
 * Adds page parameters and page size to a request, in the place of what the endpoint says under the same names; or goes to the next address as it is.
 * @throws SyncError DEFINITION_INVALID where they go into a body that has no fields
 */
export function withPage(rendered: RenderedRequest, rule: PageRule, at: Json | undefined): RenderedRequest {
  const page = pageRequest(rule, at);
  if (page.url !== undefined) return { ...rendered, path: page.url, query: [] };
  const size =
    'size' in rule && rule.size !== undefined
      ? [{ in: rule.type === 'graphql' ? ('variables' as const) : rule.size.in, name: rule.size.param, value: rule.size.max }]
      : [];
  const params = [...size, ...page.params];
  const inQuery = params.filter((param) => param.in === 'query');
  const inBody = params.filter((param) => param.in === 'body');
  const inVariables = params.filter((param) => param.in === 'variables');
  const others = rendered.query.filter(([name]) => !inQuery.some((param) => param.name === name));
  const query = [...others, ...inQuery.map(({ name, value }) => [name, asText(value)] as const)];
  if (inVariables.length > 0) return { ...rendered, query, body: withVariables(rendered.body, fieldsOf(inVariables)) };
  return inBody.length === 0 ? { ...rendered, query } : { ...rendered, query, body: withFields(rendered.body, fieldsOf(inBody)) };
}

function fieldsOf(params: readonly { readonly name: string; readonly value: Json }[]): Readonly<Record<string, Json>> {
  return Object.fromEntries(params.map(({ name, value }) => [name, value]));
}

function withVariables(body: RenderedRequest['body'], fields: Readonly<Record<string, Json>>): NonNullable<RenderedRequest['body']> {
  const request = body !== undefined && 'json' in body && isJsonObject(body.json) ? body.json : {};
  return { json: { ...request, variables: { ...(isJsonObject(request['variables']) ? request['variables'] : {}), ...fields } } };
}

function withFields(body: RenderedRequest['body'], fields: Readonly<Record<string, Json>>): NonNullable<RenderedRequest['body']> {
  if (body === undefined) return { json: { ...fields } };
  if ('form' in body) return { form: { ...body.form, ...formFields(fields) } };
  if ('json' in body && isJsonObject(body.json)) return { json: { ...body.json, ...fields } };
  const names = Object.keys(fields).join(', ');
  const message = `The page goes into the body (${names}), which is neither a form nor a JSON object: let its template insert {cursor}, and leave "in" away.`;
  throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}

/** The cursor as templates see it: what the API itself gave, or the number of the page. */
export function shownCursor(rule: PageRule, at: Json | undefined): Json | undefined {
  const isPlace = rule.type === 'page' || rule.type === 'offset' || rule.type === 'keyset';
  return isPlace && isJsonObject(at) ? at['at'] : at;
}
