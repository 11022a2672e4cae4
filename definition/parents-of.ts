import { objectNamed } from './any-object.ts';
import type { ConnectorObject, ListEndpoint, ParentsRule } from './schema/connector.ts';

/** The kinds of parents that a list has; none where it is one list. */
export function parentsOf({ parents }: Pick<ListEndpoint, 'parents'>): readonly ParentsRule[] {
  return parents === undefined ? [] : isSeveral(parents) ? parents : [parents];
}

function isSeveral(parents: ParentsRule | readonly ParentsRule[]): parents is readonly ParentsRule[] {
  return Array.isArray(parents);
}

/** An object that would be its own parent, where a walk up from this one meets it again. */
export function parentCircle(objects: Record<string, ConnectorObject>, name: string, below: readonly string[] = []): string | undefined {
  if (below.includes(name)) return name;
  const list = objectNamed(objects, name)?.list;
  const above = list === undefined ? [] : parentsOf(list).flatMap(({ object }) => object ?? []);
  for (const parent of above) {
    const circle = parentCircle(objects, parent, [...below, name]);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
