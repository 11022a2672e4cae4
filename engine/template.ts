import type { Bindings, Expression } from './expression.ts';
import { compileExpression } from './expression.ts';
import { ExpressionError } from './expression-error.ts';
import type { Json } from './json.ts';
import { isJsonObject } from './json.ts';
import { type MaybePromise, whenAllKnown } from './maybe-promise.ts';
import { isJsonArray } from './plain-json.ts';
import { splitTemplate } from './template-parts.ts';

/** JSON in which strings are templates: literal text, in which `{expression}` inserts a value. */
export interface Template {
  /** What it inserts, in order: to check the names it uses. */
  readonly expressions: readonly Expression[];
  /** `render` answers at once: it inserts nothing, or plain paths only. */
  readonly isSync: boolean;
  /**
   * A string that is only `{expression}` keeps the value's type; in a longer string lists and objects appear as JSON. What is missing leaves its object
   * key or list element out; a
   * longer string with a missing or null value is missing as a whole.
   * @throws ExpressionError (or rejects with it), never where `isSync`
   */
  render(variables: unknown, bindings?: Bindings): MaybePromise<Json | undefined>;
}

/** A template of a URL path or address. */
export interface PathTemplate {
  readonly expressions: readonly Expression[];
  readonly isSync: boolean;
  /**
   * Inserted values are percent-encoded, so that none can reach into another segment or the query.
   * @returns undefined where a value is missing, null, empty, or would change the path (`.`, `..`): sent like that it would address something else
   */
  renderPath(variables: unknown, bindings?: Bindings): MaybePromise<string | undefined>;
}

type Render = (variables: unknown, bindings: Bindings | undefined) => MaybePromise<Json | undefined>;

interface Piece {
  readonly render: Render;
  readonly expressions: readonly Expression[];
}

/** @throws ExpressionError where a string of it is no template; `source` is that string, `position` is in it */
export function compileTemplate(template: Json): Template {
  const { render, expressions } = compilePiece(template);
  return { render, expressions, isSync: expressions.every((expression) => expression.isPath) };
}

/** @throws ExpressionError where it is no template */
export function compilePathTemplate(source: string): PathTemplate {
  const { parts, expressions } = compileParts(source);
  const join = (values: readonly (Json | undefined)[]): string | undefined => {
    let path = '';
    for (const [index, value] of values.entries()) {
      const isLiteral = typeof parts[index] === 'string';
      const text = isLiteral ? String(value) : encodeValue(value);
      if (text === undefined) return undefined;
      path += text;
    }
    return expressions.length > 0 && leavesItsPlace(path) ? undefined : path;
  };
  return {
    expressions,
    isSync: expressions.every((expression) => expression.isPath),
    renderPath: (variables, bindings) => whenAllKnown(evaluateParts(parts, variables, bindings), join),
  };
}

function compilePiece(template: Json): Piece {
  if (typeof template === 'string') return compileText(template);
  if (isJsonArray(template)) return compileList(template);
  if (isJsonObject(template)) return compileObject(template);
  return constant(template);
}

function constant(value: Json): Piece {
  return { render: () => value, expressions: [] };
}

function compileText(source: string): Piece {
  const { parts, expressions } = compileParts(source);
  const [only] = parts;
  if (expressions.length === 0) return constant(parts.join(''));
  if (parts.length === 1 && only !== undefined && typeof only !== 'string')
    return { render: (variables, bindings) => only.evaluate(variables, bindings), expressions };
  return { render: (variables, bindings) => whenAllKnown(evaluateParts(parts, variables, bindings), joinText), expressions };
}

function compileList(template: readonly Json[]): Piece {
  const pieces = template.map(compilePiece);
  const expressions = pieces.flatMap((piece) => piece.expressions);
  if (expressions.length === 0) return constant(pieces.map((piece) => piece.render(undefined, undefined)).filter(isPresent));
  return {
    render: (variables, bindings) =>
      whenAllKnown(
        pieces.map((piece) => piece.render(variables, bindings)),
        (values) => values.filter(isPresent),
      ),
    expressions,
  };
}

function compileObject(template: { readonly [key: string]: Json }): Piece {
  const keys = Object.keys(template);
  const pieces = Object.values(template).map(compilePiece);
  const expressions = pieces.flatMap((piece) => piece.expressions);
  const assemble = (values: readonly (Json | undefined)[]): Json => {
    const out: [string, Json][] = [];
    for (const [index, key] of keys.entries()) {
      const value = values[index];
      if (value !== undefined) out.push([key, value]);
    }
    return Object.fromEntries(out);
  };
  return {
    render: (variables, bindings) =>
      whenAllKnown(
        pieces.map((piece) => piece.render(variables, bindings)),
        assemble,
      ),
    expressions,
  };
}

function compileParts(source: string): { readonly parts: readonly (string | Expression)[]; readonly expressions: readonly Expression[] } {
  const parts = splitTemplate(source).map((part) => {
    if (part.kind === 'text') return part.text;
    try {
      return compileExpression(part.source);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      throw new ExpressionError({ message: error.message, source, position: part.position + (error.position ?? 0) });
    }
  });
  return { parts, expressions: parts.filter((part) => typeof part !== 'string') };
}

function evaluateParts(parts: readonly (string | Expression)[], variables: unknown, bindings: Bindings | undefined): readonly MaybePromise<Json | undefined>[] {
  return parts.map((part) => (typeof part === 'string' ? part : part.evaluate(variables, bindings)));
}

function joinText(values: readonly (Json | undefined)[]): string | undefined {
  let text = '';
  for (const value of values) {
    if (value === undefined || value === null) return undefined;
    text += asText(value);
  }
  return text;
}

function asText(value: Json): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function encodeValue(value: Json | undefined): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  // half a surrogate pair can't be encoded
  return encodeURIComponent(asText(value).toWellFormed());
}

/** URL parsers take `.` and `..` for steps, also when encoded. */
function leavesItsPlace(path: string): boolean {
  const [beforeQuery = ''] = path.split(/[?#]/);
  return beforeQuery.split('/').some((segment) => segment === '.' || segment === '..');
}

function isPresent(value: Json | undefined | Promise<Json | undefined>): value is Json {
  return value !== undefined && !(value instanceof Promise);
}
