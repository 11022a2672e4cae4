import { isDeepStrictEqual } from 'node:util';
import { Document, isAlias, isMap, isNode, isScalar, LineCounter, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { isJsonObject, type Json } from '../engine/json.ts';
import { parseYaml } from './parse-yaml.ts';
import { oneLine, type YamlEntry } from './write-yaml.ts';

/**
 * Puts values into a definition that a person wrote: all else stays as it is, byte for byte, with its comments, order and style.
 * @returns undefined where that cannot be done without touching other values (anchors, merge keys, what is no map)
 */
export function editYaml(text: string, entries: readonly YamlEntry[]): string | undefined {
  return entries.reduce<string | undefined>((edited, entry) => (edited === undefined ? undefined : editOne(edited, entry)), text);
}

function editOne(text: string, entry: YamlEntry): string | undefined {
  const before = plain(text);
  const edited = before === undefined ? undefined : place(text, entry);
  // Whatever the file looks like: nothing but the value may be another than before.
  return edited !== undefined && isDeepStrictEqual(plain(edited), withValue(before, entry.path, entry.value)) ? edited : undefined;
}

function plain(text: string): Json | undefined {
  const { value, problems } = parseYaml(text, new LineCounter());
  return problems.length > 0 || !isJsonObject(value) ? undefined : value;
}

function withValue(whole: Json | undefined, [key, ...rest]: readonly string[], value: Json): Json {
  if (key === undefined) return value;
  const object = isJsonObject(whole) ? whole : {};
  return { ...object, [key]: withValue(object[key], rest, value) };
}

function place(text: string, { path, value, comment }: YamlEntry): string | undefined {
  let container: unknown = parseDocument(text).contents;
  for (const [depth, key] of path.entries()) {
    if (!isMap(container) || isAlias(container)) return undefined;
    const pair = pairOf(container, key);
    const isLast = depth === path.length - 1;
    if (pair === undefined) return insert(text, container, key, nested(path.slice(depth + 1), value), comment);
    if (isLast || isEmpty(pair)) return replace(text, pair, nested(path.slice(depth + 1), value), comment);
    container = pair.value;
  }
  return undefined;
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
}

/** `limits:` with nothing behind it. */
function isEmpty({ value }: Pair): boolean {
  return value === null || (isScalar(value) && value.value === null);
}

function nested(path: readonly string[], value: Json): Json {
  return path.reduceRight<Json>((inner, key) => ({ [key]: inner }), value);
}

function replace(text: string, { key, value }: Pair, written: Json, comment: string | undefined): string | undefined {
  const keyEnd = isNode(key) ? key.range?.[1] : undefined;
  if (keyEnd === undefined || isAlias(value)) return undefined;
  const end = isNode(value) && value.range != null ? keyEnd + text.slice(keyEnd, value.range[1]).trimEnd().length : text.indexOf(':', keyEnd) + 1;
  return `${text.slice(0, keyEnd)}: ${flowText(written)}${withComment(text.slice(end), comment)}`;
}

/** What was said of the old value does not hold for the new one. */
function withComment(rest: string, comment: string | undefined): string {
  const [line = ''] = rest.split('\n', 1);
  const isFree = /^\s*(?:#.*)?$/.test(line);
  return comment === undefined || !isFree ? rest : ` # ${oneLine(comment)}${rest.slice(line.trimEnd().length)}`;
}

function insert(text: string, map: YAMLMap, key: string, value: Json, comment: string | undefined): string | undefined {
  const entry = flowText({ [key]: value }).replace(/^\{\s*|\s*\}$/g, '');
  const last = map.items.at(-1);
  if (map.flow === true) {
    const close = text.lastIndexOf('}', (map.range?.[1] ?? 0) - 1);
    const before = text.slice(0, close).trimEnd();
    return close < 0 ? undefined : `${before}${last === undefined ? ' ' : ', '}${entry} ${text.slice(close)}`;
  }
  const [first] = map.items;
  const start = first !== undefined && isNode(first.key) ? first.key.range?.[0] : undefined;
  const lastKey = last !== undefined && isNode(last.key) ? last.key.range?.[1] : undefined;
  if (start === undefined || lastKey === undefined) return undefined;
  const valueEnd = last !== undefined && isNode(last.value) ? (last.value.range?.[1] ?? lastKey) : lastKey;
  const contentEnd = lastKey + text.slice(lastKey, valueEnd).trimEnd().length;
  const lineEnd = text.indexOf('\n', contentEnd) === -1 ? text.length : text.indexOf('\n', contentEnd);
  const indent = start - (text.lastIndexOf('\n', start - 1) + 1);
  const note = comment === undefined ? '' : ` # ${oneLine(comment)}`;
  return `${text.slice(0, lineEnd)}\n${' '.repeat(indent)}${entry}${note}${text.slice(lineEnd)}`;
}

/** On one line, as definitions are written. */
export function flowText(value: Json): string {
  const document = new Document();
  document.contents = document.createNode(value, { flow: true });
  return document
    .toString({ lineWidth: 0 })
    .trimEnd()
    .replaceAll(/\[ (.*?) \]/g, '[$1]');
}
