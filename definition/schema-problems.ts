import type { z } from 'zod';
import { suggest } from '../engine/suggest.ts';
import { isLaterKey } from './later-keys.ts';
import { keysAt } from './schema-keys.ts';
import type { Path } from './yaml-file.ts';

type Issue = z.core.$ZodIssue;

/** What a schema says against a value, in plain words, and where. */
export interface Problem {
  /** `unknown`: a key that should not be there. `missing`: one that should be. `wrong`: anything else. */
  readonly kind: 'unknown' | 'missing' | 'wrong';
  readonly path: Path;
  readonly message: string;
  readonly meant?: { readonly name: string; readonly known: readonly string[] };
}

/** @param schema that the value was parsed with */
export function findProblems(schema: z.ZodType, value: unknown, issues: readonly Issue[]): readonly Problem[] {
  return withoutEchoes(issues.flatMap((issue) => problemsOf({ schema, value }, issue, [])));
}

interface Subject {
  readonly schema: z.ZodType;
  readonly value: unknown;
}

function problemsOf(subject: Subject, issue: Issue, prefix: Path): Problem[] {
  const path = [...prefix, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(subject, path, key));
    case 'invalid_union':
      return unionProblems(subject, issue, path);
    case 'invalid_type':
      return [typeProblem(subject, path, [ownWords(issue) ?? issue.expected])];
    case 'invalid_value':
      return [choiceProblem(subject, path, issue.values.map(String))];
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues.flatMap((inner) => problemsOf(subject, inner, path));
    case 'too_small':
    case 'too_big':
      return [{ kind: 'wrong', path, message: boundMessage(issue) }];
    default:
      return [{ kind: 'wrong', path, message: issue.message }];
  }
}

function unknownKey({ schema, value }: Subject, parent: Path, key: string): Problem {
  const path = [...parent, key];
  if (isLaterKey(parent, key)) return { kind: 'unknown', path, message: `"${key}" is not available in this version` };
  return { kind: 'unknown', path, message: `unknown key "${key}"`, meant: { name: key, known: keysAt(schema, value, parent) } };
}

/** Reports the branch that was meant: the one whose own type fits the value, and which has the least to say. */
function unionProblems(subject: Subject, issue: Extract<Issue, { code: 'invalid_union' }>, path: Path): Problem[] {
  if (issue.errors.length === 0) return [choiceProblem(subject, path, 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [])];
  const fitting = issue.errors.filter((errors) => !errors.some(isAboutTheWhole));
  const [best] = fitting.toSorted((one, other) => one.length - other.length);
  if (best !== undefined) return best.flatMap((inner) => problemsOf(subject, inner, path));
  const choices = issue.errors.flat().flatMap((error) => (error.code === 'invalid_value' ? error.values.map(String) : []));
  const given = valueAt(subject.value, path);
  if (choices.length > 0 && typeof given === 'string') return [choiceProblem(subject, path, choices)];
  const expected = issue.errors.flat().flatMap((error) => (error.code === 'invalid_type' ? [error.expected] : []));
  return [typeProblem(subject, path, expected)];
}

function isAboutTheWhole(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function typeProblem({ value }: Subject, path: Path, expected: readonly string[]): Problem {
  const words = [...new Set(expected.map((type) => WORDS[type] ?? type))].join(' or ');
  const given = valueAt(value, path);
  if (given === undefined) return { kind: 'missing', path, message: `is required${words === '' ? '' : ` (${words})`}` };
  return { kind: 'wrong', path, message: `expected ${words === '' ? 'another kind of value' : words}, not ${kindOf(given)}` };
}

/** Of a schema that says itself what it expects. */
function ownWords({ message }: Issue): string | undefined {
  return message.startsWith('Invalid input') ? undefined : message;
}

function choiceProblem({ value }: Subject, path: Path, allowed: readonly string[]): Problem {
  const given = valueAt(value, path);
  const choices = allowed.length === 1 ? `"${allowed[0]}"` : `one of ${allowed.join(', ')}`;
  if (given === undefined) return { kind: 'missing', path, message: `is required (${choices})` };
  if (typeof given === 'object') return { kind: 'wrong', path, message: `expected ${choices}, not ${kindOf(given)}` };
  return { kind: 'wrong', path, message: `"${String(given)}" is not ${choices}`, meant: { name: String(given), known: allowed } };
}

function boundMessage(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const isLow = issue.code === 'too_small';
  const bound = isLow ? issue.minimum : issue.maximum;
  if (issue.origin === 'string') return 'exact' in issue && issue.exact === true ? `must have ${bound} letters` : isLow ? 'must not be empty' : issue.message;
  const isOpen = issue.inclusive === false;
  return isLow ? `must be ${isOpen ? 'more than' : 'at least'} ${bound}` : `must be ${isOpen ? 'less than' : 'at most'} ${bound}`;
}

/** A mistyped key also makes the right one missing, and rules about the whole fail for it: one mistake is told once. */
function withoutEchoes(problems: readonly Problem[]): readonly Problem[] {
  const parentOf = ({ path }: Problem) => JSON.stringify(path.slice(0, -1));
  const mistyped = problems.flatMap((problem) => {
    const meant = problem.kind === 'unknown' && problem.meant !== undefined ? suggest(problem.meant.name, problem.meant.known) : undefined;
    return meant === undefined ? [] : [{ parent: parentOf(problem), meant }];
  });
  const isEcho = (problem: Problem) =>
    problem.kind === 'missing'
      ? mistyped.some(({ parent, meant }) => parent === parentOf(problem) && meant === problem.path.at(-1))
      : problem.kind === 'wrong' && problems.some((other) => other.kind === 'unknown' && parentOf(other) === JSON.stringify(problem.path));
  return problems.filter((problem) => !isEcho(problem));
}

const WORDS: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
};

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return value === '' ? 'an empty text' : 'text';
  return typeof value === 'number' ? `the number ${value}` : `"${String(value)}"`;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined), value);
}
