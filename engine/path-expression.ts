import type { Json } from './json.ts';
import { isJsonObject } from './json.ts';
import { isJsonArray, isJsonLike } from './plain-json.ts';

/** Reads a value by a plain path: what JSONata gives for the same path, at once and without a promise. */
export type PathReader = (input: unknown) => Json | undefined;

interface Step {
  readonly key: string;
  readonly indexes: readonly number[];
}

/**
 * Compiles the JSONata syntax tree of a plain path (`a`, `a.b`, `a[0].b`, `$`, `$.a`) into a reader.
 * @returns undefined where the tree is more than a plain path: then JSONata itself must evaluate it
 */
export function compilePath(tree: unknown): PathReader | undefined {
  if (isRoot(tree)) return (input) => (isJsonLike(input) ? input : undefined);
  if (!isJsonObject(tree) || tree['type'] !== 'path' || !hasOnly(tree, ['type', 'steps']) || !isJsonArray(tree['steps'])) return undefined;
  const [first, ...rest] = tree['steps'];
  const isRooted = isRoot(first);
  const steps: Step[] = [];
  for (const node of isRooted ? rest : tree['steps']) {
    const step = readStep(node);
    if (step === undefined) return undefined;
    steps.push(step);
  }
  return (input) => readPlain(input, steps, isRooted);
}

/** `$` and `$$`, which are the same at the root. */
function isRoot(node: unknown): boolean {
  return isJsonObject(node) && node['type'] === 'variable' && (node['value'] === '' || node['value'] === '$') && hasOnly(node, ['type', 'value', 'position']);
}

function readStep(node: unknown): Step | undefined {
  if (!isJsonObject(node) || node['type'] !== 'name' || typeof node['value'] !== 'string') return undefined;
  if (!hasOnly(node, ['type', 'value', 'position', 'stages'])) return undefined;
  const indexes: number[] = [];
  const stages = node['stages'] ?? [];
  if (!isJsonArray(stages)) return undefined;
  for (const stage of stages) {
    if (!isJsonObject(stage) || stage['type'] !== 'filter' || !isJsonObject(stage['expr'])) return undefined;
    const { type, value } = stage['expr'];
    if (type !== 'number' || typeof value !== 'number' || !hasOnly(stage['expr'], ['type', 'value', 'position'])) return undefined;
    indexes.push(Math.floor(value));
  }
  return { key: node['value'], indexes };
}

/** An unknown mark on a node may change its meaning, so only known ones are let through. */
function hasOnly(node: object, keys: readonly string[]): boolean {
  return Object.keys(node).every((key) => keys.includes(key));
}

function readPlain(input: unknown, steps: readonly Step[], isRooted: boolean): Json | undefined {
  let value: unknown = input;
  for (const step of steps) {
    if (step.indexes.length > 0 || Array.isArray(value)) return readThroughLists(input, steps, isRooted);
    value = readField(value, step.key);
    if (value === undefined) return undefined;
  }
  return isJsonLike(value) ? value : undefined;
}

function readField(value: unknown, key: string): Json | undefined {
  if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
  // JSONata takes such objects for functions, which have no fields
  if (value['_jsonata_function'] === true || value['_jsonata_lambda'] === true) return undefined;
  return value[key];
}

/** A list that JSONata made itself: one element counts as that element, none as no value. A list of the record stays a list. */
class Sequence {
  readonly items: readonly Json[];
  constructor(items: readonly Json[]) {
    this.items = items;
  }
}

/** JSONata's own order of things (evaluatePath and evaluateStep of jsonata 2.2) for names and numeric indexes. */
function readThroughLists(input: unknown, steps: readonly Step[], isRooted: boolean): Json | undefined {
  if (!isJsonLike(input)) return undefined;
  let current: readonly Json[] = isRooted && isJsonArray(input) ? input : [input];
  for (const [position, step] of steps.entries()) {
    const results: (Json | Sequence)[] = [];
    for (const item of current) {
      let result = collapse(lookUp(item, step.key));
      for (const index of step.indexes) result = pick(result, index);
      if (result !== undefined) results.push(result);
    }
    const only = results.length === 1 ? results[0] : undefined;
    if (position === steps.length - 1 && isJsonArray(only)) return only;
    current = results.flatMap((result) => (result instanceof Sequence ? result.items : isJsonArray(result) ? result : [result]));
    if (current.length === 0) return undefined;
  }
  return current.length === 1 ? current[0] : current;
}

function lookUp(item: Json, key: string): Json | Sequence | undefined {
  if (!isJsonArray(item)) return readField(item, key);
  const found: Json[] = [];
  for (const element of item) {
    const result = lookUp(element, key);
    if (result instanceof Sequence) found.push(...result.items);
    else if (isJsonArray(result)) found.push(...result);
    else if (result !== undefined) found.push(result);
  }
  return new Sequence(found);
}

function collapse(result: Json | Sequence | undefined): Json | Sequence | undefined {
  if (!(result instanceof Sequence) || result.items.length > 1) return result;
  return result.items[0];
}

function pick(from: Json | Sequence | undefined, index: number): Json | Sequence {
  const items = from instanceof Sequence ? from.items : isJsonArray(from) ? from : from === undefined ? [] : [from];
  const item = items[index < 0 ? items.length + index : index];
  if (item === undefined) return new Sequence([]);
  return isJsonArray(item) ? item : new Sequence([item]);
}
