import { listInsertions } from './list-insertions.ts';
import { windowSides } from './offered.ts';
import { parentsOf } from './parents-of.ts';
import type { ConnectorObject } from './schema/connector.ts';

/** Whether a list, or that of its parents, asks for a window at all: only then an incremental read reads less than all. */
export function readsWindow(object: ConnectorObject): boolean {
  if (object.changes !== undefined) return true;
  if (object.list !== undefined) return (listInsertions(object.list)?.has('window') ?? true) || parentsOf(object.list).some(({ changed }) => changed);
  return windowSides(object)?.from ?? true;
}
