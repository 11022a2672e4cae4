import { listInsertions } from './list-insertions.ts';
import { windowSides } from './offered.ts';
import type { ConnectorObject } from './schema/connector.ts';

/** Whether a list asks for a window at all: only then an incremental read reads less than all. */
export function readsWindow(object: ConnectorObject): boolean {
  if (object.list !== undefined) return listInsertions(object.list)?.has('window') ?? true;
  return windowSides(object)?.from ?? true;
}
