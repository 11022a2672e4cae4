import type { Json } from '../../../engine/json.ts';
import { shapeOfJson } from '../answer-shape.ts';
import type { AskedParameter } from '../asked-parameter.ts';
import { Draft } from '../draft.ts';
import { guessList, type ListGuess } from '../guess-list.ts';
import type { SafeRequest } from './hide-credentials.ts';

export interface RequestOptions {
  /** Of the connector to be. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Without its query. */
  readonly url: URL;
  readonly request: SafeRequest;
  /** What all paths begin with; absent: all but the last word of the address. */
  readonly baseUrl?: URL;
  /** What the API answered; absent: it was not asked. */
  readonly answer?: { readonly body: Json; readonly hasLink: boolean };
}

export interface RequestDraft {
  readonly draft: Draft;
  readonly object: string;
  /** The answer holds no list of records. */
  readonly isNoList: boolean;
}

/** A connector with the one object that a request lists. */
export function draftRequest({ name, method, url, request, answer, ...options }: RequestOptions): RequestDraft {
  const draft = new Draft();
  const { baseUrl, path, object } = placeOf(url, options.baseUrl);
  const parameters = request.query.map(parameterOf);
  const list = answer === undefined ? undefined : guessList({ answer: shapeOfJson(answer.body), parameters, hasLink: answer.hasLink, objectName: object });
  draft.set(['description'], name);
  draft.set(['baseUrl'], baseUrl);
  draft.guess(['auth'], request.auth);
  if (Object.keys(request.headers).length > 0) draft.set(['headers'], request.headers);
  const at = ['objects', object];
  draft.guess([...at, 'primaryKey'], list?.key ?? { value: 'id', why: 'the API was not asked' });
  draft.set([...at, 'list', method.toLowerCase()], path);
  draftQuery(draft, [...at, 'list', 'query'], request, list);
  if (request.body !== undefined) {
    draft.set([...at, 'list', 'body'], literal('json' in request.body ? request.body.json : request.body.form));
    if ('form' in request.body) draft.set([...at, 'list', 'format'], 'form');
  }
  draft.guess([...at, 'list', 'records'], list?.records ?? { value: '$', why: answer === undefined ? 'the API was not asked' : 'the answer holds no list' });
  draft.guess(
    [...at, 'list', 'page'],
    list?.page ?? { value: { type: 'none' }, why: answer === undefined ? 'the API was not asked' : 'nothing tells of pages' },
  );
  return { draft, object, isNoList: answer !== undefined && list === undefined };
}

/** The last word of the path is the object; what is before it belongs to all. */
function placeOf({ origin, pathname }: URL, given: URL | undefined): { readonly baseUrl: string; readonly path: string; readonly object: string } {
  const last = /([^/]*)\/?$/.exec(pathname)?.[1] ?? '';
  const object = decodeURIComponent(last)
    .replace(/\.json$/, '')
    .replaceAll(/[^\w-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  const before = given?.pathname.replace(/\/$/, '') ?? pathname.slice(0, pathname.lastIndexOf(`/${last}`));
  return { baseUrl: `${origin}${before}`, path: literal(pathname.slice(before.length) || '/'), object: object || 'records' };
}

/** What asks for a page is the page's own; the rest is sent as it was. */
function draftQuery(draft: Draft, at: readonly string[], { query }: SafeRequest, list: ListGuess | undefined): void {
  const ofPages = new Set(list?.pageParameters ?? []);
  const window = list?.window;
  if (window !== undefined) {
    draft.guess([...at, window.value.from], { value: { value: '{window.from}', optional: true }, why: window.why });
    if (window.value.to !== undefined)
      draft.guess([...at, window.value.to], { value: { value: '{window.to}', optional: true }, why: 'asks for what changed until' });
  }
  for (const [name, value] of query) {
    if (ofPages.has(name) || name === window?.value.from || name === window?.value.to) continue;
    draft.set([...at, name], literal(value));
  }
}

function parameterOf([name, value]: readonly [string, string]): AskedParameter {
  const number = value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) ? { name, isNumber: true, default: number } : { name };
}

/** Braces of the request are no templates of ours. */
function literal<Value extends Json>(value: Value): Value;
function literal(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll(/[{}]/g, '$&$&');
  if (Array.isArray(value)) return value.map((item: Json) => literal(item));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, literal(inner)]));
  return value;
}
