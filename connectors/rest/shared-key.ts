import type { PageRule } from '../../definition/schema/connector.ts';
import { compareCursorValues, justBefore } from '../../engine/cursor-value.ts';
import { isJsonObject, type Json } from '../../engine/json.ts';
import type { PageFacts } from '../../http/paging.ts';
import type { PageCursor } from './page-cursor.ts';

export type SharedPlace =
  | { readonly place: 'next'; readonly at: Json }
  /** The last records are all read. */
  | { readonly place: 'end' }
  /** A page full of records with one key: others that have it cannot be reached. */
  | { readonly place: 'hidden'; readonly at: Json };

/**
 * Where a list goes on whose pages begin after a key that records may share (a time, say): a step before the last one, so that none is left out which a page border divides. What
 * is read again is staged once. Only where the keys rise: then it is known which way "before" is.
 * @param at the place that the paging rule names: after the last key
 */
export function sharedPlace(rule: PageRule, before: PageCursor | undefined, at: Json, facts: PageFacts): SharedPlace {
  const last = isJsonObject(at) ? keyOf(at['at']) : undefined;
  const first = keyOf(facts.first);
  if (rule.type !== 'keyset' || !isJsonObject(at) || last === undefined || first === undefined) return { place: 'next', at };
  const rise = compareCursorValues(String(first), String(last));
  const earlier = justBefore(String(last));
  if (rise > 0 || earlier === String(last)) return { place: 'next', at };
  const began = before !== undefined && isJsonObject(before.at) ? before.at['at'] : undefined;
  if (rise < 0 && String(began) !== earlier) return { place: 'next', at: { ...at, at: typeof last === 'number' ? Number(earlier) : earlier } };
  // Nothing but the last key's records: all of them, if the page has room for more.
  const pageSize = typeof at['first'] === 'number' ? at['first'] : 0;
  if (facts.records >= pageSize && facts.records > 1) return { place: 'hidden', at };
  return facts.hasMore === true || facts.records >= pageSize ? { place: 'next', at } : { place: 'end' };
}

function keyOf(value: Json | undefined): string | number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}
