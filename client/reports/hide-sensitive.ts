import type { ResolvedSync } from '../../definition/resolved.ts';
import type { JsonObject } from '../../engine/json.ts';
import { HIDDEN } from '../../engine/show-value.ts';

/** Target fields with the values of those marked `sensitive` in the mapping hidden. */
export function hideSensitive(mapping: ResolvedSync['sync']['mapping'] | undefined, fields: JsonObject): JsonObject {
  const isSensitive = (name: string) => {
    const rule = mapping?.[name];
    return typeof rule === 'object' && rule.sensitive === true;
  };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, isSensitive(name) && value !== null ? HIDDEN : value]));
}
