import { listInsertions } from './list-insertions.ts';
import type { ResolvedSync } from './resolved.ts';

/** What the list of a sync's source object can be asked for of a window. `open`: it has no end, and what is too new is left out after the read. */
export type WindowKind = 'bounded' | 'open';

/** @returns undefined where the sync reads everything each time */
export function windowKind({ sync, connections }: Pick<ResolvedSync, 'sync' | 'connections'>): WindowKind | undefined {
  const { incremental, slices, connection, object } = sync.source;
  const list = connections[connection]?.objects[object]?.list;
  const insertions = list === undefined ? undefined : listInsertions(list);
  if (incremental === undefined || insertions === undefined) return undefined;
  const isCutByTime = slices?.by === 'window' && (slices.field ?? incremental.cursorField) === incremental.cursorField;
  const has = (side: 'from' | 'to') => insertions.has(`window.${side}`) || (isCutByTime && insertions.has(`slice.${side}`));
  if (!has('from')) return undefined;
  return has('to') ? 'bounded' : 'open';
}
