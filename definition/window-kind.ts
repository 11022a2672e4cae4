import { listInsertions } from './list-insertions.ts';
import { windowSides } from './offered.ts';
import type { ResolvedSync } from './resolved.ts';

/** What the list of a sync's source object can be asked for of a window. `open`: it has no end, and what is too new is left out after the read. */
export type WindowKind = 'bounded' | 'open';

/** @returns undefined where the sync reads everything each time */
export function windowKind({ sync, connections }: Pick<ResolvedSync, 'sync' | 'connections'>): WindowKind | undefined {
  const { incremental, slices, connection, object } = sync.source;
  const described = connections[connection]?.objects[object];
  const sides = described === undefined ? undefined : windowSides(described);
  if (incremental === undefined || described === undefined || sides === undefined) return undefined;
  const insertions = described.list === undefined ? undefined : listInsertions(described.list);
  const isCutByTime = slices?.by === 'window' && (slices.field ?? incremental.cursorField) === incremental.cursorField;
  const has = (side: 'from' | 'to') => sides[side] || (isCutByTime && insertions?.has(`slice.${side}`) === true);
  if (!has('from')) return undefined;
  return has('to') ? 'bounded' : 'open';
}
