import type { z } from 'zod';
import { didYouMean } from '../engine/suggest.ts';
import { LATER_KEYS } from './later-keys.ts';
import type { Mistake } from './mistake.ts';
import type { YamlFile } from './yaml-file.ts';

type Issue = z.core.$ZodIssue;

/** Turns what zod found into mistakes with a place, a plain sentence and a suggestion. */
export function mistakesOf(file: YamlFile, schema: z.ZodType, issues: readonly Issue[]): Mistake[] {
  return issues.flatMap((issue) => mistakeOf(file, schema, issue, []));
}

function mistakeOf(file: YamlFile, schema: z.ZodType, issue: Issue, prefix: readonly PropertyKey[]): Mistake[] {
  const path = [...prefix, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => file.mistake([...path, key], unknownKey(key, keysAt(schema, path)), 'key'));
    case 'invalid_union':
      return unionMistakes(file, schema, issue, path);
    case 'invalid_type': {
      const isMissing = valueAt(file.value, path) === undefined;
      return [isMissing ? file.mistake(path, `${String(path.at(-1) ?? 'the file')} is required (${wordOf(issue.expected)})`) : file.mistake(path, `expected ${wordOf(issue.expected)}`)];
    }
    case 'invalid_value': {
      const given = valueAt(file.value, path);
      const allowed = issue.values.map(String);
      const later = LATER_KEYS.values.get(String(path.at(-1)))?.includes(String(given)) === true;
      if (later) return [file.mistake(path, `"${String(given)}" is not available in this version`)];
      return [file.mistake(path, `"${String(given)}" is not one of ${allowed.join(', ')}${didYouMean(String(given), allowed)}`)];
    }
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues.flatMap((inner) => mistakeOf(file, schema, inner, path));
    default:
      return [file.mistake(path, issue.message)];
  }
}

/** Reports the branch that was meant: the one whose own type fits the value, and which has the least to say. */
function unionMistakes(file: YamlFile, schema: z.ZodType, issue: Extract<Issue, { code: 'invalid_union' }>, path: readonly PropertyKey[]): Mistake[] {
  const fitting = issue.errors.filter((errors) => !errors.some((error) => error.path.length === 0 && error.code === 'invalid_type'));
  const best = fitting.toSorted((one, other) => one.length - other.length)[0];
  if (best !== undefined && best.length > 0) return best.flatMap((inner) => mistakeOf(file, schema, inner, path));
  const discriminator = 'discriminator' in issue && typeof issue.discriminator === 'string' ? issue.discriminator : undefined;
  if (discriminator !== undefined) {
    const given = valueAt(file.value, [...path, discriminator]);
    const later = typeof given === 'string' && LATER_KEYS.values.get(discriminator)?.includes(given) === true;
    const known = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
    const message = given === undefined ? `${discriminator} is required` : later ? `"${given}" is not available in this version` : `unknown ${discriminator} "${String(given)}"${didYouMean(String(given), known)}`;
    return [file.mistake([...path, discriminator], message)];
  }
  const expected = issue.errors.flatMap((errors) => errors.flatMap((error) => (error.code === 'invalid_type' ? [wordOf(error.expected)] : [])));
  return [file.mistake(path, expected.length > 0 ? `expected ${[...new Set(expected)].join(' or ')}` : issue.message)];
}

function unknownKey(key: string, known: readonly string[]): string {
  if (LATER_KEYS.keys.has(key)) return `"${key}" is not available in this version`;
  return `unknown key "${key}"${didYouMean(key, known)}`;
}

const WORDS: Readonly<Record<string, string>> = { object: 'a mapping', record: 'a mapping', array: 'a list', string: 'text', number: 'a number', int: 'a whole number', boolean: 'true or false' };

function wordOf(type: string): string {
  return WORDS[type] ?? type;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined), value);
}

/** The keys that the schema allows at a path, for did-you-mean. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let candidates: readonly unknown[] = [schema];
  for (const step of path) candidates = candidates.flatMap(unwrap).flatMap((candidate) => descend(candidate, step));
  return candidates.flatMap(unwrap).flatMap((candidate) => Object.keys(definitionOf(candidate)?.shape ?? {}));
}

interface Definition {
  readonly type?: string;
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly options?: readonly unknown[];
  readonly innerType?: unknown;
  readonly valueType?: unknown;
  readonly element?: unknown;
  readonly in?: unknown;
}

/** zod keeps its own description of a schema in `_zod.def`: read here, at its edge, and nowhere else. */
function definitionOf(schema: unknown): Definition | undefined {
  const inner: unknown = typeof schema === 'object' && schema !== null ? Reflect.get(schema, '_zod') : undefined;
  return typeof inner === 'object' && inner !== null ? Reflect.get(inner, 'def') : undefined;
}

function unwrap(schema: unknown): readonly unknown[] {
  const definition = definitionOf(schema);
  if (definition?.options !== undefined) return definition.options.flatMap(unwrap);
  if (definition?.innerType !== undefined) return unwrap(definition.innerType);
  if (definition?.in !== undefined) return unwrap(definition.in);
  return [schema];
}

function descend(schema: unknown, step: PropertyKey): readonly unknown[] {
  const definition = definitionOf(schema);
  const next = definition?.shape?.[String(step)] ?? definition?.valueType ?? definition?.element;
  return next === undefined ? [] : [next];
}
