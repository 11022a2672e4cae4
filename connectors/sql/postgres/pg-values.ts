import { parse as parseArray } from 'postgres-array';
import type { Json } from '../../../engine/json.ts';
import { parseJson } from '../../../engine/parse-json.ts';
import { decimal, wholeNumber } from '../numbers.ts';

/** Values come as the text that PostgreSQL writes: nothing of them is lost on the way. */
export const AS_TEXT = { getTypeParser: () => (text: string | Buffer) => String(text) };

type ReadText = (text: string) => Json;

/** By the number of the type: https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat */
const READERS: ReadonlyMap<number, ReadText> = new Map<number, ReadText>([
  [16, (text) => text === 't'],
  [17, (text) => (text.startsWith('\\x') ? Buffer.from(text.slice(2), 'hex').toString('base64') : text)],
  [20, wholeNumber],
  [21, wholeNumber],
  [23, wholeNumber],
  [26, wholeNumber],
  [114, json],
  [700, float],
  [701, float],
  [1114, (text) => text.replace(/^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d[.\d]*)$/, '$1T$2')],
  [1184, (text) => text.replace(/^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d[.\d]*)\+00$/, '$1T$2Z')],
  [1700, decimal],
  [3802, json],
]);

/**
 * How values of a type become JSON. Numbers that JavaScript does not hold stay text; moments are ISO 8601 in UTC, without `Z` where the type has no zone; bytes are base64.
 * @param element of an array: the type of its elements
 */
export function readerOf(type: number, element: number | undefined): (value: unknown) => Json {
  const readElement = element === undefined ? undefined : (READERS.get(element) ?? asIs);
  const read = READERS.get(type) ?? asIs;
  return (value) => {
    if (typeof value !== 'string') return null;
    return readElement === undefined ? read(value) : list(value, readElement);
  };
}

function asIs(text: string): Json {
  return text;
}

function list(text: string, read: ReadText): Json {
  // Lists in lists and nulls in them come as they are, whatever the types of the package say.
  const elements: readonly Json[] = parseArray<Json>(text, read);
  return elements;
}

function float(text: string): Json {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

function json(text: string): Json {
  const parsed = parseJson(text);
  return parsed.is === 'json' ? parsed.value : text;
}
