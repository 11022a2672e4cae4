import { type FoundRecords, guessRecords } from '../guess-records.ts';
import type { DescribedOperation, Method } from './operations.ts';

/** A list of the API with the requests that belong to its records. */
export interface Collection {
  readonly name: string;
  readonly list: DescribedOperation;
  readonly found: FoundRecords;
  /** The collection of whose records each has such a list. */
  readonly parent?: Collection;
  /** To the path of the list itself. */
  readonly create?: DescribedOperation;
  /** To the path of one record, by method. */
  readonly ofRecord: Readonly<Partial<Record<Method, DescribedOperation>>>;
}

/** A path that looks like a list and was left out, with why. */
export interface LeftOut {
  readonly path: string;
  readonly why: string;
}

/** What a description lists: GET paths whose answer is a list of records, or holds one. */
export function collectionsOf(operations: readonly DescribedOperation[]): {
  readonly collections: readonly Collection[];
  readonly leftOut: readonly LeftOut[];
} {
  const gets = operations.filter(({ method, path }) => method === 'get' && !/\}[^/]*\/?$/.test(path));
  // Parents before their children.
  const lists = gets.toSorted((one, other) => one.path.split('{').length - other.path.split('{').length);
  const leftOut: LeftOut[] = [];
  const collections: Collection[] = [];
  for (const list of lists) {
    const found = guessRecords(list.answer, lastWord(list.path));
    if (found === undefined) {
      if (list.answer.kind === 'scalar' && list.answer.type === 'unknown' && !list.path.includes('{'))
        leftOut.push({ path: list.path, why: 'its answer is not described' });
      continue;
    }
    const name = freeName(list.path, collections);
    if (list.path.includes('{')) {
      const parent = parentOf(list.path, collections);
      if (parent === undefined) leftOut.push({ path: list.path, why: 'it is a list for each parent, and the parents are no list here' });
      else collections.push({ name, list, found, parent, ofRecord: {} });
      continue;
    }
    const create = operations.find(({ method, path }) => method === 'post' && sameness(path) === sameness(list.path));
    collections.push({ name, list, found, ...(create === undefined ? {} : { create }), ofRecord: ofRecord(operations, list.path) });
  }
  return { collections, leftOut };
}

/** Of `/lists/{listId}/members`: the collection at `/lists`. */
function parentOf(path: string, collections: readonly Collection[]): Collection | undefined {
  const [, before = '', after = '{'] = /^([^{}]*)\/\{[^{}]+\}\/(.*)$/.exec(path) ?? [];
  return after.includes('{') ? undefined : collections.find(({ list }) => sameness(list.path) === sameness(before));
}

function ofRecord(operations: readonly DescribedOperation[], listPath: string): Collection['ofRecord'] {
  const own = operations.filter(({ path }) => {
    const inner = /^(.*)\/\{[^{}]+\}(?:\.json)?\/?$/.exec(path)?.[1];
    return inner !== undefined && !inner.includes('{') && sameness(inner) === sameness(listPath);
  });
  return Object.fromEntries(own.map((operation) => [operation.method, operation]));
}

/** `/contacts/` and `/contacts.json` are the path `/contacts`. */
function sameness(path: string): string {
  return path.replace(/(?:\.json)?\/?$/, '');
}

function lastWord(path: string): string {
  return wordsOf(path).at(-1) ?? 'records';
}

function wordsOf(path: string): readonly string[] {
  return sameness(path)
    .split('/')
    .filter((word) => word !== '' && !word.includes('{'))
    .map((word) => word.replaceAll(/[^\w-]+/g, '-').replaceAll(/^-+|-+$/g, ''));
}

/** The last word of the path; with the one before it where another object has that name. */
function freeName(path: string, taken: readonly Collection[]): string {
  const words = wordsOf(path);
  const names = words.map((_, index) => words.slice(words.length - 1 - index).join('-'));
  const isFree = (name: string) => !taken.some((other) => other.name === name);
  return names.find(isFree) ?? `${names.at(-1) ?? 'records'}-${taken.length + 1}`;
}
