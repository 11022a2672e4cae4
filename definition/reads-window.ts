import { listInsertions } from './list-insertions.ts';
import type { ListEndpoint } from './schema/connector.ts';

/** Whether a list asks for a window at all: only then an incremental read reads less than all. */
export function readsWindow(list: ListEndpoint): boolean {
  return listInsertions(list)?.has('window') ?? true;
}
