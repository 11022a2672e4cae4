import type { Json, JsonObject } from '../../../engine/json.ts';

const OF_THE_API =
  /^(?:_?id|uuid|guid|etag|version|url|href|self|links?|_links|created.*|updated.*|modified.*|deleted.*|last_?modified.*|date_?(?:created|modified|updated)|.*(?:_at|At))$/i;
const WORDS = /name|title|subject|label|summary|description|text|note|comment/i;

/**
 * A record like one that is there, to be created and deleted again: without what the API gives itself, and with words that say what it is.
 * @param mark makes it unlike any other
 */
export function sampleRecord(like: JsonObject, primaryKey: string, mark: string): JsonObject {
  const own = Object.entries(like).filter(([name, value]) => name !== primaryKey && !OF_THE_API.test(name) && typeof value !== 'object');
  return Object.fromEntries(own.map(([name, value]) => [name, sampleValue(name, value, mark)]));
}

function sampleValue(name: string, value: Json, mark: string): Json {
  if (typeof value !== 'string') return value;
  if (value.includes('@')) return `syncline-probe-${mark}@example.com`;
  return WORDS.test(name) ? `syncline probe ${mark}` : value;
}

/** The same with values that no field can have. */
export function brokenRecord(record: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(record).map((name) => [name, { syncline: ['no value of this field'] }]));
}
