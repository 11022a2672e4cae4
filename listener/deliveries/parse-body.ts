import { isUtf8 } from 'node:buffer';
import type { Json } from '../../engine/json.ts';
import { isDeeperThan, MAX_DEPTH } from '../../engine/json-depth.ts';
import { isJsonLike } from '../../engine/plain-json.ts';

/** The body as a value: JSON, or a form as a mapping. @returns undefined where it is neither, or nests deeper than any event does */
export function parseBody(body: Buffer, contentType: string | undefined): Json | undefined {
  if (!isUtf8(body)) return undefined;
  const text = body.toString();
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType ?? '')) return Object.fromEntries(new URLSearchParams(text));
  try {
    const value: unknown = JSON.parse(text);
    return isJsonLike(value) && !isDeeperThan(value, MAX_DEPTH) ? value : undefined;
  } catch {
    return undefined;
  }
}
