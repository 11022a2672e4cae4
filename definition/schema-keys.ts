import type { Path } from './yaml-file.ts';

/** The keys that a zod schema allows at a path of a value: of the branch that fits the value, where there are several. */
export function keysAt(schema: unknown, value: unknown, path: Path): readonly string[] {
  let branches = branchesOf(schema, value);
  let inner = value;
  for (const step of path) {
    inner = typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined;
    branches = branches.flatMap((branch) => descend(branch, step)).flatMap((next) => branchesOf(next, inner));
  }
  return [...new Set(branches.flatMap((branch) => Object.keys(definitionOf(branch)?.shape ?? {})))];
}

interface SchemaDefinition {
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly options?: readonly unknown[];
  readonly discriminator?: string;
  readonly values?: readonly unknown[];
  readonly innerType?: unknown;
  readonly valueType?: unknown;
  readonly element?: unknown;
}

/** zod keeps its own description of a schema in `_zod.def`: read here, at its edge, and nowhere else. */
function definitionOf(schema: unknown): SchemaDefinition | undefined {
  const inner: unknown = typeof schema === 'object' && schema !== null ? Reflect.get(schema, '_zod') : undefined;
  return typeof inner === 'object' && inner !== null ? Reflect.get(inner, 'def') : undefined;
}

function branchesOf(schema: unknown, value: unknown): readonly unknown[] {
  const definition = definitionOf(schema);
  if (definition?.innerType !== undefined) return branchesOf(definition.innerType, value);
  const { options, discriminator } = definition ?? {};
  if (options === undefined) return [schema];
  const given: unknown = discriminator === undefined || typeof value !== 'object' || value === null ? undefined : Reflect.get(value, discriminator);
  const chosen =
    given === undefined ? [] : options.filter((option) => definitionOf(definitionOf(option)?.shape?.[discriminator ?? ''])?.values?.includes(given));
  return (chosen.length > 0 ? chosen : options).flatMap((option) => branchesOf(option, value));
}

function descend(schema: unknown, step: PropertyKey): readonly unknown[] {
  const definition = definitionOf(schema);
  const shape = definition?.shape ?? {};
  const next = Object.hasOwn(shape, step) ? shape[String(step)] : (definition?.valueType ?? definition?.element);
  return next === undefined ? [] : [next];
}
