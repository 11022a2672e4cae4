import { compilePathTemplate, compileTemplate } from '../../engine/template.ts';
import type { RequestShape } from './request-template.ts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** All that the templates of a request insert. @throws ExpressionError where one is none */
export function insertedPaths({ query = {}, headers = {}, body, variables, ...methods }: RequestShape): ReadonlySet<string> {
  const values = Object.values(query).map((given) => (typeof given === 'object' ? given.value : given));
  const templates = [
    ...METHODS.flatMap((method) => methods[method] ?? []).map(compilePathTemplate),
    ...[...values, ...Object.values(headers), body ?? null, variables ?? null].map((value) => compileTemplate(value)),
  ];
  return new Set(templates.flatMap(({ expressions }) => expressions.flatMap(({ paths }) => paths)));
}
