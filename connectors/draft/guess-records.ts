import { type AnswerShape, expressionOf, type ObjectShape, plainName } from './answer-shape.ts';
import type { Guess } from './draft.ts';

export interface FoundRecords {
  /** Where the answer keeps the list. */
  readonly records: Guess<string>;
  /** What is known of one record. */
  readonly item: ObjectShape;
}

/** Where APIs keep the records of a list, the likeliest first. */
const USUAL = ['data', 'items', 'results', 'records', 'content', 'value', 'values', 'entries', 'rows', 'objects', 'list', 'hits', 'elements', 'resources'];
const MAX_DEPTH = 3;

interface Candidate {
  readonly path: readonly string[];
  readonly item: ObjectShape;
}

/** The list of records in an answer; undefined where it holds none. */
export function guessRecords(answer: AnswerShape, objectName: string): FoundRecords | undefined {
  const candidates = listsIn(answer, []);
  const [only] = candidates;
  if (only === undefined) return undefined;
  if (only.path.length === 0) return found(only, 'the answer is the list');
  if (isRecord(answer) && candidates.every(({ path }) => !isUsual(path, objectName))) return undefined;
  const rank = (candidate: Candidate) => rankOf(candidate, objectName);
  const [best = only, second] = candidates.toSorted((one, other) => rank(one) - rank(other));
  const others = second === undefined ? 'the only list of the answer' : `the likeliest of ${candidates.length} lists in the answer`;
  return found(best, others);
}

function found({ path, item }: Candidate, why: string): FoundRecords {
  return { records: { value: expressionOf(path), why }, item };
}

function listsIn(shape: AnswerShape, path: readonly string[]): readonly Candidate[] {
  if (shape.kind === 'list') return shape.item.kind === 'object' ? [{ path, item: shape.item }] : emptyList(shape, path);
  if (shape.kind === 'scalar' || path.length >= MAX_DEPTH) return [];
  return Object.entries(shape.fields).flatMap(([name, field]) => listsIn(field, [...path, name]));
}

/** A list without anything in it may hold records. */
function emptyList({ item }: Extract<AnswerShape, { readonly kind: 'list' }>, path: readonly string[]): readonly Candidate[] {
  return item.kind === 'scalar' && item.type === 'unknown' ? [{ path, item: { kind: 'object', fields: {} } }] : [];
}

/** What has an id is a record, and a list in it belongs to it. */
function isRecord(answer: AnswerShape): boolean {
  return answer.kind === 'object' && ['id', '_id', 'uuid'].some((name) => answer.fields[name]?.kind === 'scalar');
}

function isUsual(path: readonly string[], objectName: string): boolean {
  const name = plainName(path.at(-1) ?? '');
  return name === plainName(objectName) || USUAL.includes(name);
}

/** The smaller the likelier. */
function rankOf({ path }: Candidate, objectName: string): number {
  const name = plainName(path.at(-1) ?? '');
  const usual = USUAL.indexOf(name);
  const byName = name === plainName(objectName) ? 0 : usual === -1 ? USUAL.length + 1 : usual + 1;
  return path.length * 100 + byName;
}

/** Where the answer of one record keeps it, where that is not its root: in a field, or in a list of one. */
export function guessRecord(answer: AnswerShape, item: ObjectShape, key: string): Guess<string> | undefined {
  if (answer.kind !== 'object' || answer.fields[key] !== undefined) return undefined;
  const known = Object.keys(item.fields);
  const fits = (shape: AnswerShape) => shape.kind === 'object' && (known.length === 0 || known.some((name) => shape.fields[name] !== undefined));
  const inner = Object.entries(answer.fields);
  const [field] = inner.find(([, shape]) => fits(shape)) ?? [];
  if (field !== undefined) return { value: expressionOf([field]), why: 'the answer holds the record in this field' };
  const [list] = inner.find(([, shape]) => shape.kind === 'list' && fits(shape.item)) ?? [];
  return list === undefined ? undefined : { value: `${expressionOf([list])}[0]`, why: 'the answer holds the record in a list' };
}
