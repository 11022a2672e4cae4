import type { z } from 'zod';
import type { Mistake } from './mistake.ts';
import { findProblems, type Problem } from './schema-problems.ts';
import type { Path, YamlFile } from './yaml-file.ts';

/** A definition with the file it stands in. */
export interface Loaded<Value> {
  readonly name: string;
  /** Where `isSound` is false: what is left when all that is wrong is taken out and stand-ins are put in for what is missing. For checks alone. */
  readonly value: Value;
  readonly isSound: boolean;
  readonly file: YamlFile;
}

export interface Parsed<Value> {
  readonly mistakes: readonly Mistake[];
  /** Undefined where nothing useful is left. */
  readonly loaded: Loaded<Value> | undefined;
}

/** Stands for a name that is missing: checks pass over it, and nobody can have written it. */
export const UNNAMED = '\0';

const MAX_ROUNDS = 20;

/**
 * Parses a definition by its schema. A file with mistakes is mended as far as possible, so that the checks that look across files can tell theirs too.
 * @param standIns stand for required keys that are missing; checks pass over them
 */
export function parseDefinition<Schema extends z.ZodType>(name: string, file: YamlFile, schema: Schema, standIns: object): Parsed<z.output<Schema>> {
  const given = file.value ?? {};
  const parsed = schema.safeParse(given);
  if (parsed.success) return { mistakes: [], loaded: { name, value: parsed.data, isSound: true, file } };
  const problems = findProblems(schema, given, parsed.error.issues);
  const mistakes = problems.map((problem) => mistakeOf(file, problem));
  const mended = mend(schema, structuredClone(given), problems, standIns);
  return { mistakes, loaded: mended === undefined ? undefined : { name, value: mended, isSound: false, file } };
}

/** The path of an unknown key is the mapping in which it stands; the place is the key itself. */
function mistakeOf(file: YamlFile, { kind, path, message, meant }: Problem): Mistake {
  const mistake = file.mistake(path, message, { at: kind === 'unknown' ? 'key' : 'value', ...(meant === undefined ? {} : { meant }) });
  return kind === 'unknown' ? { ...mistake, path: path.slice(0, -1).map(String).join('.') } : mistake;
}

function mend<Schema extends z.ZodType>(schema: Schema, value: object, first: readonly Problem[], standIns: object): z.output<Schema> | undefined {
  let problems = first;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    for (const problem of problems) {
      const isMended = problem.kind === 'missing' ? putIn(value, problem.path, standIns) : takeOut(value, problem.path);
      if (!isMended) return undefined;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    problems = findProblems(schema, value, parsed.error.issues);
  }
  return undefined;
}

/** A part without stand-in goes as a whole. */
function putIn(value: object, path: Path, standIns: object): boolean {
  const key = path.at(-1);
  const parent = objectAt(value, path.slice(0, -1));
  const standIn: unknown = key === undefined ? undefined : Reflect.get(objectAt(standIns, path.slice(0, -1)) ?? {}, key);
  if (key !== undefined && parent !== undefined && standIn !== undefined) return Reflect.set(parent, key, structuredClone(standIn));
  return takeOut(value, path.slice(0, -1));
}

/** Out of a list nothing is taken: the others would move. The list goes as a whole. */
function takeOut(value: object, path: Path): boolean {
  const key = path.at(-1);
  if (key === undefined) return false;
  const parent = objectAt(value, path.slice(0, -1));
  if (parent === undefined) return true;
  return Array.isArray(parent) ? takeOut(value, path.slice(0, -1)) : Reflect.deleteProperty(parent, key);
}

function objectAt(value: object, path: Path): object | undefined {
  let inner: unknown = value;
  for (const step of path) inner = typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined;
  return typeof inner === 'object' && inner !== null ? inner : undefined;
}
