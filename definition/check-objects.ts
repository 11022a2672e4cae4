import { compileExpression } from '../engine/expression.ts';
import { ExpressionError } from '../engine/expression-error.ts';
import type { Json } from '../engine/json.ts';
import { compilePathTemplate, compileTemplate } from '../engine/template.ts';
import type { Mistake } from './mistake.ts';
import type { ConnectorObject } from './schema/connector.ts';
import type { Path, YamlFile } from './yaml-file.ts';

/** A mistake where the text is no expression; none where it is one, or is absent. */
export function checkExpression(file: YamlFile, path: Path, source: string | undefined): Mistake[] {
  return source === undefined ? [] : attempt(file, path, () => compileExpression(source));
}

export function checkTemplate(file: YamlFile, path: Path, template: Json | undefined): Mistake[] {
  return template === undefined ? [] : attempt(file, path, () => compileTemplate(template));
}

function attempt(file: YamlFile, path: Path, compile: () => unknown): Mistake[] {
  try {
    compile();
    return [];
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const mistake = file.mistake(path, error.message);
    return [{ ...mistake, column: mistake.column + (error.source.includes('\n') ? 0 : (error.position ?? 0)) }];
  }
}

const EXPRESSIONS: readonly (readonly string[])[] = [
  ['primaryKey'],
  ['values'],
  ['list', 'records'],
  ...['cursor', 'total', 'totalPages', 'hasMore', 'url', 'key'].map((name) => ['list', 'page', name]),
  ['get', 'record'],
  ['search', 'records'],
  ...['create', 'update', 'upsert', 'delete'].flatMap((kind) => [
    ...['at', 'key', 'id', 'error', 'errorCode', 'created'].map((name) => [kind, 'results', name]),
    ...['at', 'key', 'message', 'code', 'status'].map((name) => [kind, 'failures', name]),
  ]),
];

const ENDPOINTS = ['list', 'get', 'search', 'create', 'update', 'upsert', 'delete'] as const;
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Expressions, templates and paths of one object; and batches whose answer nobody would read. */
export function checkObjects(file: YamlFile, path: Path, object: ConnectorObject): Mistake[] {
  const mistakes = EXPRESSIONS.flatMap((place) => {
    const source = valueAt(object, place);
    return checkExpression(file, [...path, ...place], typeof source === 'string' ? source : undefined);
  });
  for (const name of ENDPOINTS) {
    const endpoint = object[name];
    if (endpoint === undefined) continue;
    for (const method of METHODS) {
      const text = endpoint[method];
      if (text !== undefined) mistakes.push(...attempt(file, [...path, name, method], () => compilePathTemplate(text)));
    }
    mistakes.push(...checkTemplate(file, [...path, name, 'body'], endpoint.body));
    for (const [parameter, given] of Object.entries(endpoint.query ?? {})) {
      mistakes.push(...checkTemplate(file, [...path, name, 'query', parameter], typeof given === 'object' ? given.value : given));
    }
    if ('record' in endpoint && name !== 'get') mistakes.push(...checkTemplate(file, [...path, name, 'record'], endpoint.record));
    if ('max' in endpoint && 'results' in endpoint && endpoint.max > 1 && endpoint.results === undefined) {
      mistakes.push(file.mistake([...path, name, 'max'], 'a batch needs `results`: without it nobody could tell which records were written'));
    }
  }
  return mistakes;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined), value);
}
