import { parseDuration } from '../engine/duration.ts';
import type { ResolvedSync } from './resolved.ts';

/** How long the API of a sync's source keeps its list of changes, where it says so: what is older can only be read from the whole list. */
export function keptChangesMs({ sync, connections }: Pick<ResolvedSync, 'sync' | 'connections'>): number | undefined {
  const { connection, object } = sync.source;
  return parseDuration(connections[connection]?.objects[object]?.changes?.keeps ?? '');
}
