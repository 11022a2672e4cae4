/** One sync of a project, as its relationships to the others show it. */
export interface GraphNode {
  readonly name: string;
  /** Syncs that must have run before. */
  readonly dependsOn: readonly string[];
  /** Syncs whose target ids its records hold. */
  readonly refersTo: readonly GraphReference[];
}

export interface GraphReference {
  readonly sync: string;
  /** A record is not written without it. */
  readonly isRequired: boolean;
}

/** When a sync may start: once all of `after` are done. */
export interface GraphStep {
  readonly name: string;
  readonly after: readonly string[];
}

/** A reference that no order can serve, because the sync it is to has to wait for this one: it is set by a second pass. */
export interface ClosingReference {
  readonly from: string;
  readonly to: string;
}

export interface Graph {
  /** Each comes after all that it waits for. */
  readonly steps: readonly GraphStep[];
  readonly closing: readonly ClosingReference[];
}

type Edges = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Orders the syncs of a project. `dependsOn` always holds; a reference holds where it closes no circle, the required ones first, so that of a circle a reference
 * gives way that a record can be written without. The same syncs give the same graph, in whatever order they come. Unknown names are passed over.
 */
export function orderGraph(nodes: readonly GraphNode[]): Graph {
  const sorted = nodes.toSorted((one, other) => compareText(one.name, other.name));
  const after = new Map(sorted.map(({ name }) => [name, new Set<string>()]));
  const closing: ClosingReference[] = [];
  const wait = (from: string, to: string) => {
    const waits = after.get(from);
    if (waits === undefined || !after.has(to)) return true;
    if (findPath(after, to, from) !== undefined) return false;
    waits.add(to);
    return true;
  };
  for (const { name, dependsOn } of sorted) for (const other of dependsOn.toSorted(compareText)) wait(name, other);
  for (const isRequired of [true, false]) {
    for (const { name, refersTo } of sorted) {
      for (const to of referredTo(refersTo, isRequired)) if (!wait(name, to)) closing.push({ from: name, to });
    }
  }
  return { steps: inOrder(after), closing };
}

/** The way by which a sync depends on itself, its own name at both ends; undefined where it does not. Only `dependsOn` counts: references may go round. */
export function findCycle(nodes: readonly GraphNode[], name: string): readonly string[] | undefined {
  const edges = new Map(nodes.map((node) => [node.name, new Set(node.dependsOn)]));
  const [shortest] = [...(edges.get(name) ?? [])]
    .flatMap((next) => {
      const path = findPath(edges, next, name);
      return path === undefined ? [] : [path];
    })
    .toSorted((one, other) => one.length - other.length || compareText(one.join(), other.join()));
  return shortest === undefined ? undefined : [name, ...shortest];
}

/** A sync that several fields refer to is required where one of them is. */
function referredTo(references: readonly GraphReference[], isRequired: boolean): readonly string[] {
  const required = new Set(references.filter((reference) => reference.isRequired).map(({ sync }) => sync));
  const names = new Set(references.map(({ sync }) => sync).filter((sync) => required.has(sync) === isRequired));
  return [...names].toSorted(compareText);
}

/** The shortest way along the edges, both ends included. */
function findPath(edges: Edges, from: string, to: string): readonly string[] | undefined {
  const ways: (readonly string[])[] = [[from]];
  const seen = new Set([from]);
  for (const way of ways) {
    const last = way.at(-1) ?? from;
    if (last === to) return way;
    for (const next of [...(edges.get(last) ?? [])].toSorted(compareText)) {
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

/** What waits for nothing first, by name among equals. */
function inOrder(after: Edges): readonly GraphStep[] {
  const steps: GraphStep[] = [];
  const done = new Set<string>();
  while (done.size < after.size) {
    const ready = [...after].filter(([name, waits]) => !done.has(name) && [...waits].every((other) => done.has(other)));
    for (const [name, waits] of ready) {
      steps.push({ name, after: [...waits].toSorted(compareText) });
      done.add(name);
    }
  }
  return steps;
}

function compareText(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
