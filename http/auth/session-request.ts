import { ExpressionError } from '../../engine/expression-error.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import { compilePathTemplate, compileTemplate } from '../../engine/template.ts';
import type { ReadAnswer } from '../read-answer.ts';
import { type Asker, askOnce, invalid, signInUrl } from './ask-once.ts';
import type { SessionRequest } from './auth-options.ts';

const METHODS = { get: 'GET', post: 'POST', put: 'PUT', delete: 'DELETE' } as const;

export interface SessionQuestion {
  /** For messages: `login`. */
  readonly what: string;
  readonly request: SessionRequest;
  /** What its templates insert. */
  readonly variables: JsonObject;
  readonly baseUrl: URL;
  readonly secrets: readonly string[];
  /** Adds to it, once it is written. */
  readonly sign?: (outgoing: { readonly headers: Record<string, string>; readonly url: URL }) => void;
}

/** Sends a login or logout request. @throws SyncError DEFINITION_INVALID where it cannot be written; as `askOnce` */
export async function askForSession(asker: Asker, question: SessionQuestion): Promise<ReadAnswer> {
  const { what, request, baseUrl, secrets } = question;
  try {
    const { method, path } = await methodOf(question);
    const url = signInUrl(asker, `auth.${what}`, path, baseUrl);
    for (const [name, value] of await texts(request.query, question)) url.searchParams.append(name, value);
    const headers = Object.fromEntries((await texts(request.headers, question)).map(([name, value]) => [name.toLowerCase(), value]));
    const body = request.body === undefined ? undefined : await compileTemplate(request.body).render(question.variables);
    if (body !== undefined) headers['content-type'] ??= request.format === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
    question.sign?.({ headers, url });
    const written = body === undefined ? undefined : Buffer.from(request.format === 'form' ? formOf(body) : JSON.stringify(body));
    const as = request.as === 'json' ? undefined : request.as;
    return await askOnce(asker, { who: `The ${what} of ${asker.name}`, url, method, headers, body: written, as, secrets });
  } catch (error) {
    if (error instanceof ExpressionError)
      throw invalid(`${asker.name}.auth.${what}: "${error.source}" cannot be evaluated. Check its names: those of credentials.`);
    throw error;
  }
}

async function methodOf({ what, request, variables }: SessionQuestion): Promise<{ readonly method: string; readonly path: string }> {
  for (const name of ['get', 'post', 'put', 'delete'] as const) {
    const template = request[name];
    if (template === undefined) continue;
    const path = await compilePathTemplate(template).renderPath(variables);
    if (path === undefined) throw invalid(`auth.${what}: the path ${template} inserts a value that is missing, or would lead elsewhere.`);
    return { method: METHODS[name], path };
  }
  throw invalid(`auth.${what} names no method: give it one of get, post, put or delete, with its path.`);
}

async function texts(templates: Readonly<Record<string, string>> | undefined, { what, variables }: SessionQuestion): Promise<readonly [string, string][]> {
  const all = Object.entries(templates ?? {}).map(async ([name, template]): Promise<[string, string]> => {
    const value = await compileTemplate(template).render(variables);
    if (value === undefined || value === null) throw invalid(`auth.${what}: ${name} inserts what is none of the credentials.`);
    return [name, textOf(value)];
  });
  return Promise.all(all);
}

function formOf(body: Json): string {
  if (!isJsonObject(body)) return textOf(body);
  return new URLSearchParams(Object.fromEntries(Object.entries(body).map(([name, value]) => [name, textOf(value)]))).toString();
}

function textOf(value: Json): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
