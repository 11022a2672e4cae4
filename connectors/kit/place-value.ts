import { isDeepStrictEqual } from 'node:util';
import { compileExpression, type Expression } from '../../engine/expression.ts';
import { ExpressionError } from '../../engine/expression-error.ts';
import { splitPath } from '../../engine/field-path.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import { isTruthy } from '../../engine/truthy.ts';
import { partsOf, readJoinedKey } from './joined-key.ts';
import { Untried } from './kit-row.ts';

/** The smallest JSON in which a dotted path leads to a value. */
export function placeAt(path: string, value: Json): Json {
  return splitPath(path).reduceRight<Json>((inner, step) => ({ [step]: inner }), value);
}

/** Both at once; where they differ, the later one. */
export function mergeJson(one: Json, other: Json): Json {
  const [first] = Array.isArray(one) && one.length === 1 ? one : [];
  const [second] = Array.isArray(other) && other.length === 1 ? other : [];
  if (isJsonObject(first ?? null) && isJsonObject(second ?? null)) return [mergeJson(first ?? null, second ?? null)];
  if (!isJsonObject(one) || !isJsonObject(other)) return other;
  const merged: Record<string, Json> = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const earlier = merged[key];
    merged[key] = earlier === undefined ? value : mergeJson(earlier, value);
  }
  return merged;
}

/**
 * JSON on which an expression gives a value: a path is inverted; of anything else the paths that it names are tried, each proposal evaluated by the expression itself.
 * @param around what else is to be in it
 * @throws Untried where none is found
 */
export async function answerGiving(source: string, wanted: Json, around: Json = {}): Promise<Json> {
  const expression = compileExpression(source);
  if (source.trim() === '$') return wanted;
  for (const proposal of proposals(expression, wanted)) {
    const answer = mergeJson(around, proposal);
    if (isDeepStrictEqual(await evaluated(expression, answer), wanted)) return answer;
  }
  throw new Untried(`"${source}" is not derivable: give an example.`);
}

/** JSON on which a condition holds. @throws Untried where none is found */
export async function answerFulfilling(source: string, start: readonly JsonObject[]): Promise<JsonObject> {
  const expression = compileExpression(source);
  for (const around of start) {
    for (const proposal of [{}, ...conditionProposals(expression)]) {
      const answer = mergeJson(around, proposal);
      if (isJsonObject(answer) && isTruthy(await evaluated(expression, answer))) return answer;
    }
  }
  throw new Untried(`"${source}" is not derivable: give an example.`);
}

export async function evaluated(expression: Expression, input: Json): Promise<Json | undefined> {
  try {
    return await expression.evaluate(input);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

const STEP = /^(\w+)(?:\[(?:(\d+)|(\w+)\s*=\s*'([^']*)')\])?$/;

/** Of a path into lists: `targets[0].parameters[name = 'key'].value`. */
function placeByStep(source: string, wanted: Json): Json | undefined {
  const steps = source.split('.').map((step) => STEP.exec(step.trim()));
  if (!source.includes('[')) return undefined;
  let inner: Json = wanted;
  for (const step of steps.toReversed()) {
    const [, name, index, key, literal] = step ?? [];
    if (name === undefined || (index !== undefined && index !== '0')) return undefined;
    if (key !== undefined) inner = [mergeJson({ [key]: literal ?? '' }, inner)];
    else if (index !== undefined) inner = [inner];
    inner = { [name]: inner };
  }
  return inner;
}

function* proposals(expression: Expression, wanted: Json): Iterable<Json> {
  const { paths } = expression;
  const stepped = placeByStep(expression.source, wanted);
  if (stepped !== undefined) yield stepped;
  const compared = comparisonsIn(expression.source);
  const joined = typeof wanted === 'string' ? readJoinedKey(expression.source) : undefined;
  if (joined !== undefined) {
    const parts = partsOf(joined, String(wanted)) ?? [];
    yield parts.reduce((all, [path, part]) => mergeJson(all, placeAt(path, part)), EMPTY);
  }
  for (const path of paths) yield placeAt(path, wanted);
  for (const { path, literal } of compared) {
    yield placeAt(path, literal);
    for (const other of paths) if (other !== path) yield mergeJson(placeAt(path, literal), placeAt(other, wanted));
  }
  // `has_more ? after_cursor`, `$exists(errors) ? …`: what else is named is only there.
  for (const path of paths) {
    for (const filling of [true, false, null, [wanted]]) {
      yield paths.reduce((all, other) => mergeJson(all, placeAt(other, other === path ? wanted : filling)), EMPTY);
    }
    yield placeAt(path, [wanted]);
    if (typeof wanted === 'string' && /^\d+$/.test(wanted)) yield placeAt(path, Number(wanted));
    if (typeof wanted === 'number') yield placeAt(path, String(wanted));
  }
}
const EMPTY: Json = {};

function* conditionProposals(expression: Expression): Iterable<Json> {
  const compared = comparisonsIn(expression.source);
  const all = compared.toReversed().reduce((merged, { path, literal }) => mergeJson(merged, placeAt(path, literal)), EMPTY);
  yield all;
  const compares = new Set(compared.map(({ path }) => path));
  const others = expression.paths.filter((path) => !compares.has(path) && !compared.some((one) => one.path.startsWith(`${path}.`)));
  for (const filling of ['kit', ['kit'], true, 1, [{ message: 'kit' }], 0]) {
    yield others.reduce((merged, path) => mergeJson(merged, placeAt(path, filling)), all);
  }
  for (const { path, literal } of compared) yield placeAt(path, literal);
}

interface Comparison {
  readonly path: string;
  readonly literal: Json;
}

const PATH = String.raw`[A-Za-z_]\w*(?:\.(?:\w+|'[^']+'|${'`[^`]+`'}))*`;
const LITERAL = String.raw`'[^']*'|"[^"]*"|-?\d+(?:\.\d+)?|true|false|null`;
const COMPARES = new RegExp(String.raw`(${PATH})\s*(=|!=|>=|<=|>|<|in)\s*\[?\s*(${LITERAL})`, 'g');
const LIES_IN = new RegExp(String.raw`(${LITERAL})\s+in\s+(${PATH})`, 'g');
const CONTAINS = new RegExp(String.raw`\$(?:contains|match)\(\s*(${PATH})\s*,\s*(${LITERAL})`, 'g');

/** What an expression compares with literals, in the order in which it does. */
function comparisonsIn(source: string): readonly Comparison[] {
  const compared = [...source.matchAll(COMPARES)].flatMap(([, path = '', operator = '', literal = '']) => {
    const value = literalOf(literal);
    if (typeof value === 'number' && (operator === '>' || operator === '<')) return [{ path: quoted(path), literal: operator === '>' ? value + 1 : value - 1 }];
    return operator === '!=' ? [] : [{ path: quoted(path), literal: value }];
  });
  const contained = [...source.matchAll(CONTAINS)].map(([, path = '', literal = '']) => ({ path: quoted(path), literal: literalOf(literal) }));
  const lyingIn = [...source.matchAll(LIES_IN)].map(([, literal = '', path = '']) => ({ path: quoted(path), literal: literalOf(literal) }));
  return [...compared, ...contained, ...lyingIn];
}

function literalOf(text: string): Json {
  if (/^['"]/.test(text)) return text.slice(1, -1);
  return text === 'true' ? true : text === 'false' ? false : text === 'null' ? null : Number(text);
}

function quoted(path: string): string {
  return path.replaceAll("'", '`');
}
