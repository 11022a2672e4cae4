import { readFileSync, statSync } from 'node:fs';
import type { FileRule } from '../../definition/schema/file.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import { parseJson } from '../../engine/parse-json.ts';
import { isJsonArray } from '../../engine/plain-json.ts';
import { brokenFile, type FilePart, type PartRequest, shortPart } from './file-part.ts';

/** A JSON file is read as a whole. */
const MAX_BYTES = 128_000_000;

/** The list of one JSON file, while it is read: pages of the same version need not parse it again. */
export interface JsonMemory {
  known?: { readonly version: string; readonly list: readonly Json[] };
}

/** A page of a JSON file, from a record on. */
export function readJson(rule: FileRule, { path, file, place, limit, where }: PartRequest, version: string, memory: JsonMemory): FilePart {
  const list = memory.known?.version === version ? memory.known.list : parseList(rule, path, file, where);
  memory.known = { version, list };
  const part = shortPart();
  for (const [index, entry] of list.slice(place.at, place.at + limit).entries()) {
    const number = place.at + index + 1;
    if (isJsonObject(entry)) part.rows.push({ fields: entry, line: number });
    else part.unreadable.push({ key: `${file}:${number}`, message: `${file}, record ${number}: it is no object`, content: JSON.stringify(entry) });
  }
  const at = place.at + limit;
  const isLast = at >= list.length;
  if (isLast) delete memory.known;
  return { ...part, at, line: at, isLast };
}

function parseList({ records, encoding = 'utf-8' }: FileRule, path: string, file: string, where: string): readonly Json[] {
  if (statSync(path).size > MAX_BYTES)
    throw brokenFile(`${where}: ${file} is larger than ${MAX_BYTES / 1_000_000} MB, and JSON is read as a whole. Write it as NDJSON, an object in each line.`);
  const parsed = parseJson(new TextDecoder(encoding).decode(readFileSync(path)));
  if (parsed.is !== 'json')
    throw brokenFile(
      `${where}: ${file} is ${parsed.is === 'too-deep' ? 'nested too deep' : 'no JSON'}. Where each line is an object of its own, say "format: ndjson".`,
    );
  const found = records === undefined ? parsed.value : isJsonObject(parsed.value) ? parsed.value[records] : undefined;
  if (found !== undefined && isJsonArray(found)) return found;
  throw brokenFile(`${where}: ${file} has no list ${records === undefined ? 'at its root: name the field that has it in `records`' : `in "${records}"`}.`);
}
