import { SyncError } from '../../engine/errors.ts';
import type { Json } from '../../engine/json.ts';
import { isJsonObject } from '../../engine/json.ts';
import { compilePathTemplate, compileTemplate, type Template } from '../../engine/template.ts';
import type { HttpRequest } from '../../http/http-client.ts';

type QueryValue = string | number | boolean | { readonly value: string | number | boolean; readonly optional: boolean };

/** The part of an endpoint that says how a request is written. */
export interface RequestShape {
  readonly get?: string | undefined;
  readonly post?: string | undefined;
  readonly put?: string | undefined;
  readonly patch?: string | undefined;
  readonly delete?: string | undefined;
  readonly query?: Readonly<Record<string, QueryValue>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Json | undefined;
  readonly format?: 'json' | 'form' | undefined;
}

export type RenderedRequest = Pick<HttpRequest, 'method' | 'path' | 'body'> & {
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
};

const METHODS = { get: 'GET', post: 'POST', put: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const;

/** Compiles how an endpoint's requests are written. `where` names it in errors: `acme.contacts.list`. */
export function compileRequest(shape: RequestShape, where: string): (variables: unknown) => Promise<RenderedRequest> {
  const { method, path } = methodOf(shape);
  const pathTemplate = compilePathTemplate(path);
  const query = Object.entries(shape.query ?? {}).map(([name, given]) => {
    const { value, optional } = typeof given === 'object' ? given : { value: given, optional: false };
    return { name, optional, template: compileTemplate(value) };
  });
  const headers = Object.entries(shape.headers ?? {}).map(([name, value]) => ({ name: name.toLowerCase(), template: compileTemplate(value) }));
  const body = shape.body === undefined ? undefined : compileTemplate(shape.body);

  return async (variables) => {
    const rendered = await pathTemplate.renderPath(variables);
    if (rendered === undefined) throw broken(`${where}: the path ${path} inserts a value that is missing or empty.`);
    const parameters: [string, string][] = [];
    for (const { name, optional, template } of query) {
      const value = await template.render(variables);
      if (value !== undefined && value !== null) parameters.push([name, asText(value)]);
      else if (!optional) throw broken(`${where}.query.${name} has no value: mark it "optional: true" if it may be left out.`);
    }
    const sentHeaders: Record<string, string> = {};
    for (const { name, template } of headers) {
      const value = await template.render(variables);
      if (value !== undefined && value !== null) sentHeaders[name] = asText(value);
    }
    const sentBody = await renderBody(body, shape.format ?? 'json', variables);
    return { method, path: rendered, query: parameters, headers: sentHeaders, ...(sentBody === undefined ? {} : { body: sentBody }) };
  };
}

async function renderBody(template: Template | undefined, format: 'json' | 'form', variables: unknown): Promise<HttpRequest['body']> {
  const value = await template?.render(variables);
  if (value === undefined) return undefined;
  if (format === 'json') return { json: value };
  const entries = isJsonObject(value) ? Object.entries(value) : [];
  return { form: Object.fromEntries(entries.filter(([, field]) => field !== null).map(([name, field]) => [name, asText(field)])) };
}

function methodOf(shape: RequestShape): { readonly method: HttpRequest['method']; readonly path: string } {
  for (const name of ['get', 'post', 'put', 'patch', 'delete'] as const) {
    const path = shape[name];
    if (path !== undefined) return { method: METHODS[name], path };
  }
  throw broken('an endpoint names no method');
}

export function asText(value: Json): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function broken(message: string): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}
