import { quoteStep } from './field-path.ts';
import type { Json, JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';
import { isJsonArray } from './plain-json.ts';

/** A variable that an expression names, with the character after it. */
export interface VariableUse {
  readonly name: string;
  readonly position: number | undefined;
}

/** Where the fields of a subtree belong: a path from the record's root, or unknown (a parameter, a wildcard, a parent). */
type Context = readonly string[] | undefined;

interface Found {
  readonly paths: Set<string>;
  readonly variables: VariableUse[];
}

/**
 * Walks a JSONata syntax tree.
 * @returns the dotted paths it reads from the record, as well as can be told without evaluating it (never more than it reads), and the variables it names
 */
export function findReferences(tree: unknown): { readonly paths: readonly string[]; readonly variables: readonly VariableUse[] } {
  const found: Found = { paths: new Set(), variables: [] };
  visit(tree, [], found);
  return { paths: [...found.paths], variables: found.variables };
}

function visit(node: unknown, context: Context, found: Found): void {
  if (isJsonArray(node)) {
    for (const item of node) visit(item, context, found);
    return;
  }
  if (!isJsonObject(node)) return;
  if (node['type'] === 'path' && isJsonArray(node['steps'])) {
    visitPath(node, node['steps'], context, found);
    return;
  }
  if (node['type'] === 'variable' && typeof node['value'] === 'string') noteVariable(node, found);
  // a transform reads its pattern here; update and delete belong to what the pattern finds
  if (node['type'] === 'transform') {
    visit([node['update'] ?? null, node['delete'] ?? null], undefined, found);
    visit(node['pattern'], undefined, found);
    return;
  }
  for (const [key, child] of Object.entries(node)) if (key !== 'value' && key !== 'slot') visit(child, context, found);
}

function visitPath(node: JsonObject, steps: readonly Json[], start: Context, found: Found): void {
  let context = start;
  let isNamed = false;
  for (const step of steps) {
    if (!isJsonObject(step)) continue;
    const { type, value } = step;
    if (type === 'name' && typeof value === 'string') {
      context = context === undefined ? undefined : [...context, value];
      isNamed = true;
    } else if (type === 'variable' && (value === '' || value === '$')) {
      if (value === '$') context = [];
    } else if (type === 'sort') {
      visit(step['terms'], context, found);
    } else {
      note(isNamed ? context : undefined, found);
      visit(step, context, found);
      context = undefined;
    }
    visit([step['stages'] ?? null, step['predicate'] ?? null], context, found);
    visit(step['group'], context, found);
  }
  note(isNamed ? context : undefined, found);
  visit(node['group'], context, found);
  visit(node['predicate'], context, found);
}

function note(context: Context, found: Found): void {
  if (context !== undefined && context.length > 0) found.paths.add(context.map(quoteStep).join('.'));
}

function noteVariable(node: JsonObject, found: Found): void {
  const { value, position } = node;
  if (typeof value !== 'string' || value === '' || value === '$') return;
  found.variables.push({ name: value, position: typeof position === 'number' ? position : undefined });
}
