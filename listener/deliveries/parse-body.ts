import { isUtf8 } from 'node:buffer';
import type { Json } from '../../engine/json.ts';
import { isDeeperThan, MAX_DEPTH } from '../../engine/json-depth.ts';
import { parseJson } from '../../engine/parse-json.ts';

/** The body as a value: JSON, or a form as a mapping. @returns undefined where it is neither, or nests deeper than any event does */
export function parseBody(body: Buffer, contentType: string | undefined): Json | undefined {
  if (!isUtf8(body)) return undefined;
  const text = body.toString();
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType ?? '')) return Object.fromEntries(new URLSearchParams(text));
  // As what is read of the API: a long id is the same record by event and by list.
  const parsed = parseJson(text);
  return parsed.is === 'json' && !isDeeperThan(parsed.value, MAX_DEPTH) ? parsed.value : undefined;
}
