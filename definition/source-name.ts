import type { Sync } from './schema/sync.ts';

/** What a sync reads, in words: connection and object. */
export function sourceNameOf({ source }: Pick<Sync, 'source'>): string {
  return `${source.connection} ${source.object}`;
}
