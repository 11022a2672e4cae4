import type { Sync } from './schema/sync.ts';

/** Of source, mapping and lookups: what a refusal depends on besides the record. */
export function mappingHashOf({ source, mapping, lookups }: Pick<Sync, 'source' | 'mapping' | 'lookups'>, sha256: (text: string) => string): string {
  return sha256(JSON.stringify([source, mapping, lookups]));
}
