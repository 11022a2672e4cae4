import { validateHeaderValue } from 'node:http';
import { SyncError } from '../../engine/errors.ts';
import type { Bindings } from '../../engine/expression.ts';
import { ExpressionError } from '../../engine/expression-error.ts';
import type { Json } from '../../engine/json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import { compilePathTemplate, compileTemplate } from '../../engine/template.ts';
import type { AnswerFormat, CsvDialect, TextFormat } from '../../engine/text-format.ts';
import type { HttpRequest } from '../../http/http-client.ts';
import { checkDocument } from '../graphql/check-document.ts';
import { classifyQuery } from '../graphql/classify-answer.ts';
import { writeFileText } from './file-text.ts';
import { formFields } from './form-body.ts';
import { writeXml } from './xml.ts';

type QueryValue = string | number | boolean | { readonly value: string | number | boolean; readonly optional: boolean };

/** The part of an endpoint that says how a request is written. */
export interface RequestShape {
  readonly get?: string | undefined;
  readonly post?: string | undefined;
  readonly put?: string | undefined;
  readonly patch?: string | undefined;
  readonly delete?: string | undefined;
  readonly graphql?: string | undefined;
  readonly variables?: Readonly<Record<string, Json>> | undefined;
  readonly query?: Readonly<Record<string, QueryValue>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Json | undefined;
  readonly format?: 'json' | 'form' | TextFormat | 'text' | undefined;
  readonly as?: 'json' | AnswerFormat | undefined;
  readonly csv?: CsvDialect | undefined;
  readonly encoding?: string | undefined;
  readonly unzip?: string | undefined;
}

export type RenderedRequest = Pick<HttpRequest, 'method' | 'path' | 'body' | 'classify' | 'as' | 'csv' | 'encoding' | 'unzip'> & {
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
};

export interface CompiledRequest {
  readonly method: HttpRequest['method'];
  /** The path names a record: a 404 then speaks of it, not of the endpoint. */
  readonly hasPathValues: boolean;
  /** @param bindings the time, where requests need not be the same each time they are sent @throws SyncError DEFINITION_INVALID where a value that it needs is missing */
  render(variables: unknown, bindings?: Bindings): Promise<RenderedRequest>;
}

const HAVE_BODIES = new Set(['POST', 'PUT', 'PATCH']);
const METHODS = { get: 'GET', post: 'POST', put: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const;

/** Compiles how an endpoint's requests are written. `where` names it in errors: `acme.contacts.list`. */
export function compileRequest(shape: RequestShape, where: string): CompiledRequest {
  const { method, path } = methodOf(shape, where);
  const pathTemplate = compilePathTemplate(path);
  const query = Object.entries(shape.query ?? {}).map(([name, given]) => {
    const { value, optional } = typeof given === 'object' ? given : { value: given, optional: false };
    return { name, optional, template: compileTemplate(value) };
  });
  const headers = Object.entries(shape.headers ?? {}).map(([name, value]) => ({ name: name.toLowerCase(), template: compileTemplate(value) }));
  const renderBody = compileBody(shape, method, where);
  const { as = 'json', csv, encoding, unzip } = shape;
  const reading = { ...(shape.graphql === undefined ? {} : { classify: classifyQuery }), ...(as === 'json' ? {} : { as }), csv, encoding, unzip };

  const render = async (variables: unknown, bindings: Bindings | undefined): Promise<RenderedRequest> => {
    const rendered = await pathTemplate.renderPath(variables, bindings);
    if (rendered === undefined) throw invalid(`${where}: the path ${path} inserts a value that is missing, empty, or would lead elsewhere.`);
    const parameters: [string, string][] = [];
    for (const { name, optional, template } of query) {
      const value = (await template.render(variables, bindings)) ?? null;
      if (value !== null) parameters.push([name, asText(value)]);
      else if (!optional) throw invalid(`${where}.query.${name} has no value: mark it "optional: true" if it may be left out.`);
    }
    const sentHeaders: Record<string, string> = {};
    for (const { name, template } of headers) {
      const value = (await template.render(variables, bindings)) ?? null;
      if (value !== null) sentHeaders[name] = headerText(value, `${where}.headers.${name}`);
    }
    const sentBody = await renderBody(variables, bindings);
    return { method, path: rendered, query: parameters, headers: sentHeaders, ...(sentBody === undefined ? {} : { body: sentBody }), ...reading };
  };
  return { method, hasPathValues: pathTemplate.expressions.length > 0, render: (variables, bindings) => named(where, () => render(variables, bindings)) };
}

/** What is posted: a GraphQL document with its variables, or whatever body the endpoint describes. */
function compileBody(
  { graphql, variables, body, format }: RequestShape,
  method: HttpRequest['method'],
  where: string,
): (given: unknown, bindings: Bindings | undefined) => Promise<HttpRequest['body']> {
  if (graphql !== undefined) {
    checkDocument(graphql, where);
    const template = compileTemplate({ ...variables });
    return async (given, bindings) => ({ json: { query: graphql, variables: (await template.render(given, bindings)) ?? {} } });
  }
  const template = body === undefined ? undefined : compileTemplate(body);
  return async (given, bindings) => {
    const value = await template?.render(given, bindings);
    if (value !== undefined) return formatted(value, format, where);
    // What is put beside its fields (a page, a credential) goes into a form.
    return format === 'form' && HAVE_BODIES.has(method) ? { form: {} } : undefined;
  };
}

function formatted(value: Json, format: RequestShape['format'], where: string): NonNullable<HttpRequest['body']> {
  switch (format) {
    case 'form':
      return { form: formFields(value) };
    case 'xml':
      return { text: writeXml(value, where), type: 'application/xml; charset=UTF-8' };
    case 'csv':
    case 'ndjson':
      return writeFileText(format, isJsonArray(value) ? value : [value], where);
    case 'text':
      return { text: asText(value), type: 'text/plain; charset=UTF-8' };
    default:
      return { json: value };
  }
}

async function named<Result>(where: string, render: () => Promise<Result>): Promise<Result> {
  try {
    return await render();
  } catch (error) {
    if (error instanceof ExpressionError) throw invalid(`${where}: "${error.source}" cannot be evaluated: ${error.message}.`, error);
    throw error;
  }
}

/** Method and path of an endpoint. @throws SyncError DEFINITION_INVALID where it names none */
export function methodOf(shape: RequestShape, where: string): { readonly method: HttpRequest['method']; readonly path: string } {
  if (shape.graphql !== undefined) return { method: 'POST', path: shape.post ?? '' };
  for (const name of ['get', 'post', 'put', 'patch', 'delete'] as const) {
    const path = shape[name];
    if (path !== undefined) return { method: METHODS[name], path };
  }
  throw invalid(`${where} names no method: give it one of get, post, put, patch or delete, with its path.`);
}

/** A record's value may hold what no header can: that record alone cannot be sent. */
function headerText(value: Json, where: string): string {
  const text = asText(value);
  try {
    validateHeaderValue('header', text);
    return text;
  } catch {
    throw invalid(
      `${where} would hold a character that HTTP does not allow in a header: a line break, or one beyond Latin-1. Encode it, as by $encodeUrlComponent().`,
    );
  }
}

export function asText(value: Json): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function invalid(message: string, cause?: unknown): SyncError {
  return new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message, cause });
}
