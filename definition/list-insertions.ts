import { ExpressionError } from '../engine/expression-error.ts';
import { compilePathTemplate, compileTemplate } from '../engine/template.ts';
import type { ListEndpoint } from './schema/connector.ts';

/** A value that a list's request cannot do without. */
export interface NeededValue {
  /** `query.updated_before`, `the path`. */
  readonly place: string;
  /** `slice.to` */
  readonly name: string;
}

/** What a list endpoint's templates insert. */
export interface ListInsertions {
  /** Whether a value is inserted anywhere, also as a part of an expression. */
  readonly has: (name: string) => boolean;
  readonly needed: readonly NeededValue[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

type Asking = Partial<Pick<ListEndpoint, (typeof METHODS)[number] | 'query' | 'headers' | 'body' | 'variables'>>;

/** @returns undefined where a template of it cannot be read: that is told as a mistake of its own */
export function listInsertions(list: Asking & { readonly export?: ListEndpoint['export'] }): ListInsertions | undefined {
  try {
    return compileInsertions(list.export?.create ?? list);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

function compileInsertions(list: Asking): ListInsertions {
  const paths = METHODS.flatMap((method) => list[method] ?? []).map((path) => ({ place: 'the path', isNeeded: true, template: compilePathTemplate(path) }));
  const query = Object.entries(list.query ?? {}).map(([name, given]) => {
    const { value, optional } = typeof given === 'object' ? given : { value: given, optional: false };
    return { place: `query.${name}`, isNeeded: !optional, template: compileTemplate(value) };
  });
  const others = [list.body ?? null, list.variables ?? null, ...Object.values(list.headers ?? {})].map((value) => ({
    place: '',
    isNeeded: false,
    template: compileTemplate(value),
  }));
  const templates = [...paths, ...query, ...others];
  const names = new Set(templates.flatMap(({ template }) => template.expressions.flatMap((expression) => expression.paths)));
  return {
    has: (name) => [...names].some((path) => path === name || path.startsWith(`${name}.`) || name.startsWith(`${path}.`)),
    // What is more than a path may have an answer to a missing value.
    needed: templates.flatMap(({ place, isNeeded, template }) =>
      isNeeded ? template.expressions.filter((expression) => expression.isPath).map((expression) => ({ place, name: expression.source.trim() })) : [],
    ),
  };
}
