import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, isNode, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { SyncError } from '../engine/errors.ts';
import type { FieldRule } from '../engine/field-rule.ts';

/** As a key, it is no field: what it names is merged into the mapping. */
const MERGE_KEY = '<<';

/** A target field and the rule that gives it its values. */
export type AddedMapping = readonly [field: string, rule: FieldRule];

/**
 * Adds fields to the `mapping` of a sync, behind those that are there. All that stands in the file stays as it is, to the byte: comments, order, quotes.
 * @param text the file
 * @throws SyncError DEFINITION_INVALID where the mapping is written so that nothing can be added (an alias), a field is in it already, or cannot be written as one
 */
export function addMappings(text: string, added: readonly AddedMapping[]): string {
  const document = parseDocument(text);
  if (added.some(([field]) => field === MERGE_KEY || Object.hasOwn(mappingOf(text), field))) throw refused(added);
  const mapping = isMap(document.contents) ? findPair(document.contents, 'mapping') : undefined;
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const changed = mapping === undefined ? atEnd(text, added, lineBreak) : inside(text, mapping, added, lineBreak);
  const expected: unknown = { ...plain(text), mapping: { ...mappingOf(text), ...Object.fromEntries(added.map(([field, rule]) => [field, written(rule)])) } };
  // What is put into a text is read back: nothing else may have changed its meaning.
  if (changed === undefined || !isDeepStrictEqual(plain(changed), expected)) throw refused(added);
  return changed;
}

function inside(text: string, pair: Pair, added: readonly AddedMapping[], lineBreak: string): string | undefined {
  const { key, value } = pair;
  const keyEnd = isNode(key) ? key.range?.[1] : undefined;
  if (isMap(value) && value.items.length > 0) return value.flow === true ? inFlow(text, value, added) : inBlock(text, value, added, lineBreak);
  const isEmpty = isMap(value) || value === null || (isScalar(value) && value.value === null);
  if (!isEmpty || keyEnd === undefined) return undefined;
  // `mapping:` or `mapping: {}`: fields get lines of their own.
  const colon = text.indexOf(':', keyEnd) + 1;
  const end = Math.max(colon, isNode(value) ? (value.range?.[1] ?? colon) : colon);
  return insertLine(`${text.slice(0, colon)}${text.slice(end)}`, colon, linesOf(added, '  '), lineBreak);
}

function inBlock(text: string, map: YAMLMap, added: readonly AddedMapping[], lineBreak: string): string | undefined {
  const first = map.items[0]?.key;
  const start = isNode(first) ? first.range?.[0] : undefined;
  const last = map.items.at(-1);
  const node = isNode(last?.value) ? last.value : isNode(last?.key) ? last.key : undefined;
  const end = node?.range?.[1];
  if (start === undefined || end === undefined) return undefined;
  const margin = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return /^ *$/.test(margin) ? insertLine(text, end, linesOf(added, margin), lineBreak) : undefined;
}

/** Before the brace that closes it. */
function inFlow(text: string, map: YAMLMap, added: readonly AddedMapping[]): string | undefined {
  const last = map.items.at(-1);
  const node = isNode(last?.value) ? last.value : undefined;
  const end = node?.range?.[1];
  return end === undefined ? undefined : `${text.slice(0, end)}, ${linesOf(added, '').join(', ')}${text.slice(end)}`;
}

function atEnd(text: string, added: readonly AddedMapping[], lineBreak: string): string {
  return insertLine(text, text.length, ['mapping:', ...linesOf(added, '  ')], lineBreak);
}

/** Behind the line in which a value ends, and what else stands in it. */
function insertLine(text: string, after: number, lines: readonly string[], lineBreak: string): string {
  const isAtStart = after === 0 || text[after - 1] === '\n';
  const found = isAtStart ? after - 1 : text.indexOf('\n', after);
  const at = found < 0 && !isAtStart ? text.length : found + 1;
  const before = text.slice(0, at);
  const open = before === '' || before.endsWith('\n') ? '' : lineBreak;
  return `${before}${open}${lines.map((line) => `${line}${lineBreak}`).join('')}${text.slice(at)}`;
}

/** Each on one line, as people write them. */
function linesOf(added: readonly AddedMapping[], margin: string): readonly string[] {
  return added.map(([field, rule]) => {
    const document = new Document({ [field]: written(rule) });
    if (isMap(document.contents)) for (const { value } of document.contents.items) if (isMap(value)) value.flow = true;
    return `${margin}${document.toString({ lineWidth: 0 }).trimEnd()}`;
  });
}

/** A rule that only names its source is a text. */
function written(rule: FieldRule): unknown {
  const keys = Object.entries(rule).filter(([, value]) => value !== undefined);
  return keys.length === 1 && rule.from !== undefined ? rule.from : Object.fromEntries(keys);
}

function findPair(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find(({ key }) => isScalar(key) && key.value === name);
}

function plain(text: string): object {
  const value: unknown = parseDocument(text, { merge: true }).toJS();
  return typeof value === 'object' && value !== null ? value : {};
}

function mappingOf(text: string): object {
  const mapping: unknown = Reflect.get(plain(text), 'mapping');
  return typeof mapping === 'object' && mapping !== null ? mapping : {};
}

function refused(added: readonly AddedMapping[]): SyncError {
  const lines = linesOf(added, '  ').join('\n');
  return new SyncError({
    code: 'DEFINITION_INVALID',
    retry: 'never',
    message: `The mapping is written so that nothing can be put into it here. Add by hand:\n${lines}`,
  });
}
