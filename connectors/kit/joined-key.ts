import type { ConnectorObject } from '../../definition/schema/connector.ts';
import { splitPath } from '../../engine/field-path.ts';
import { isJsonObject, type Json, type JsonObject } from '../../engine/json.ts';
import { CHANGE_KINDS } from '../../engine/outcome.ts';
import { compileTemplate } from '../../engine/template.ts';

/** A key that an API tells in parts, with texts between them: `from.id & ':' & to.id`. */
interface JoinedKey {
  readonly paths: readonly string[];
  /** One fewer than there are paths. */
  readonly texts: readonly string[];
}

const PATH = String.raw`[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*`;
const TEXT = `'[^']+'|"[^"]+"`;
const JOINED = new RegExp(String.raw`^\s*${PATH}(?:\s*&\s*(?:${TEXT})\s*&\s*${PATH})+\s*$`);
const PARTS = new RegExp(`${TEXT}|${PATH}`, 'g');

/** The numbers of ids in the kit, part by part. */
const FIRST_ID = 101;
const APART = 9_000;

/** @returns undefined where an expression is anything else */
export function readJoinedKey(source: string): JoinedKey | undefined {
  if (!JOINED.test(source)) return undefined;
  const parts = source.match(PARTS) ?? [];
  const isText = (part: string) => /^['"]/.test(part);
  return { paths: parts.filter((part) => !isText(part)), texts: parts.filter(isText).map((text) => text.slice(1, -1)) };
}

/** What stands at each of the paths where they make this value; undefined where they cannot. */
export function partsOf({ paths, texts }: JoinedKey, value: string): readonly (readonly [path: string, part: string])[] | undefined {
  const parts: string[] = [];
  let rest = value;
  for (const text of texts) {
    const at = rest.indexOf(text);
    if (at < 0) return undefined;
    parts.push(rest.slice(0, at));
    rest = rest.slice(at + text.length);
  }
  return paths.map((path, index) => [path, [...parts, rest][index] ?? ''] as const);
}

/** Of an object whose writes name records by such a key: the match value of a record, and the fields that its parts are written from. Undefined of all others. */
export function joinedRecord(object: ConnectorObject, index: number): { readonly match: string; readonly fields: JsonObject } | undefined {
  for (const kind of CHANGE_KINDS) {
    const { results, record } = object[kind] ?? {};
    const joined = results?.by === 'match' && results.key !== undefined ? readJoinedKey(results.key) : undefined;
    if (joined === undefined) continue;
    const ids = joined.paths.map((_, part) => String(FIRST_ID + index + APART * part));
    const match = ids.map((id, part) => `${id}${joined.texts[part] ?? ''}`).join('');
    const fields = joined.paths.flatMap((path, part) => fieldsWrittenAt(record ?? null, path).map((field) => [field, ids[part] ?? ''] as const));
    return { match, fields: Object.fromEntries(fields) };
  }
  return undefined;
}

/** The fields that a record's template inserts where an answer tells a part of its key. */
function fieldsWrittenAt(template: Json, path: string): readonly string[] {
  const found = splitPath(path).reduce<Json | undefined>((inner, step) => (isJsonObject(inner) ? inner[step] : undefined), template);
  if (typeof found !== 'string') return [];
  const paths = compileTemplate(found).expressions.flatMap((expression) => expression.paths);
  return paths.flatMap((inserted) => (inserted.startsWith('fields.') ? [inserted.slice('fields.'.length)] : []));
}
