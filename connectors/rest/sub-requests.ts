import type { EachRule } from '../../definition/schema/connector.ts';
import type { JsonObject } from '../../engine/json.ts';
import type { HttpRequest } from '../../http/http-client.ts';
import { compileRequest, type RenderedRequest } from './request-template.ts';

/** Of each record what its request may insert. Throws as `CompiledRequest.render`. */
export type WriteSubRequests = (each: readonly Readonly<Record<string, unknown>>[]) => Promise<readonly JsonObject[]>;

/** Compiles how the requests within a request are written, with the names that OData gives their parts (JSON Format 4.01, section 19.1): header names are in lower case. */
export function compileSubRequests(each: EachRule, where: string): WriteSubRequests {
  const request = compileRequest(each, `${where}.each`);
  return async (scopes) => {
    const written: JsonObject[] = [];
    for (const [index, scope] of scopes.entries()) written.push(asSubRequest(String(index), await request.render(scope)));
    return written;
  };
}

function asSubRequest(id: string, { method, path, query, headers, body: rendered }: RenderedRequest): JsonObject {
  const body = rendered === undefined || 'parts' in rendered || 'file' in rendered ? undefined : rendered;
  const url =
    query.length === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(query.map(([name, value]): [string, string] => [name, value]))}`;
  const sent = { ...(body === undefined ? {} : { 'content-type': typeOf(body) }), ...headers };
  return { id, method, url, ...(Object.keys(sent).length === 0 ? {} : { headers: sent }), ...(body === undefined ? {} : { body: contentOf(body) }) };
}

/** What one request carries of others is no form with files. */
type PlainBody = Exclude<NonNullable<HttpRequest['body']>, { readonly parts: unknown } | { readonly file: unknown }>;

function typeOf(body: PlainBody): string {
  return 'form' in body ? 'application/x-www-form-urlencoded' : 'application/json';
}

function contentOf(body: PlainBody) {
  if ('text' in body) return body.text;
  return 'form' in body ? new URLSearchParams({ ...body.form }).toString() : body.json;
}
