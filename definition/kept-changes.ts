import { parseDuration } from '../engine/duration.ts';
import type { ResolvedSync } from './resolved.ts';
import { takesAway } from './sync-mode.ts';

/** How long the API of a sync's source tells of what happened there, where it says so (ms): what is older can only be read from the whole list. */
export interface KeptTimes {
  /** Of its list of changes. */
  readonly keptMs: number | undefined;
  /** Of what was deleted, where the sync asks for it. */
  readonly keptDeletesMs: number | undefined;
}

export function keptTimes({ sync, connections }: Pick<ResolvedSync, 'sync' | 'connections'>): KeptTimes {
  const { source, target } = sync;
  const object = connections[source.connection]?.objects[source.object];
  const asksForDeleted = source.deletes?.endpoint !== undefined && takesAway(target);
  return {
    keptMs: parseDuration(object?.changes?.keeps ?? ''),
    keptDeletesMs: asksForDeleted ? parseDuration(object?.deleted?.keeps ?? '') : undefined,
  };
}
