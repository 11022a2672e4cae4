import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node } from 'yaml';
import type { Path } from './yaml-file.ts';

/** Where one step of a path stands in a document. */
export interface Place {
  /** Absent in lists. */
  readonly key: Node | undefined;
  readonly value: Node | undefined;
}

/** The places of the steps of a path, as far as they are there. Aliases and merge keys lead to what they stand for. */
export function findPlaces(document: Document, path: Path): readonly Place[] {
  const places: Place[] = [];
  let container: unknown = document.contents;
  for (const step of path) {
    const place = stepInto(document, resolved(document, container), step);
    if (place === undefined) break;
    places.push(place);
    container = place.value;
  }
  return places;
}

function stepInto(document: Document, container: unknown, step: PropertyKey): Place | undefined {
  if (isSeq(container)) {
    const value = container.items[Number(step)];
    return isNode(value) ? { key: undefined, value } : undefined;
  }
  if (!isMap(container)) return undefined;
  for (const { key, value } of container.items) {
    if (isScalar(key) && String(key.value) === String(step)) return { key, value: isNode(value) ? value : undefined };
  }
  const merged = container.items.filter(({ key }) => isScalar(key) && isMergeKey(key.value)).flatMap(({ value }) => mergedMaps(document, value));
  for (const map of merged) {
    const place = stepInto(document, map, step);
    if (place !== undefined) return place;
  }
  return undefined;
}

function mergedMaps(document: Document, value: unknown): readonly unknown[] {
  const source = resolved(document, value);
  return isSeq(source) ? source.items.map((item) => resolved(document, item)) : [source];
}

function resolved(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function isMergeKey(value: unknown): boolean {
  return value === '<<' || (typeof value === 'symbol' && value.description === '<<');
}
