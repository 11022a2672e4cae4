import { type Graph, type GraphNode, orderGraph } from '../engine/graph.ts';
import { matchFields } from '../engine/match-fields.ts';
import type { Loaded } from './parse-definition.ts';
import type { Sync } from './schema/sync.ts';
import { modeOf } from './sync-mode.ts';

type Syncs = ReadonlyMap<string, Pick<Loaded<Sync>, 'value'>>;
type Field = Sync['mapping'][string];

/** How the syncs of a project are related. */
export function syncGraph(syncs: Syncs): Graph {
  return orderGraph(graphNodes(syncs));
}

export function graphNodes(syncs: Syncs): readonly GraphNode[] {
  return [...syncs].map(([name, { value: sync }]) => ({
    name,
    dependsOn: sync.dependsOn ?? [],
    refersTo: Object.entries(sync.mapping).flatMap(([field, rule]) => {
      const ref = refOf(rule);
      return ref === undefined ? [] : [{ sync: ref.sync, isRequired: isHeldWithout(sync, field) }];
    }),
  }));
}

/** Whether a record waits, unwritten, until the reference in this field is there: always, where the definition says so, the field is needed, or what is written stays as it is. */
export function isHeldWithout({ mapping, target }: Pick<Sync, 'mapping' | 'target'>, field: string): boolean {
  const rule = mapping[field];
  return (
    refOf(rule)?.onMissing === 'hold' ||
    (typeof rule === 'object' && rule.required === true) ||
    matchFields(target.matchOn).includes(field) ||
    modeOf(target) === 'insert'
  );
}

/** The mapping with what `onMissing` is by default: `later` where a reference closes a circle, and nothing says that the record waits for it. */
export function withClosingRefs(syncs: Syncs, name: string, sync: Sync): Sync['mapping'] {
  const { closing } = syncGraph(syncs);
  const closes = (to: string) => closing.some((reference) => reference.from === name && reference.to === to);
  return Object.fromEntries(
    Object.entries(sync.mapping).map(([field, rule]): readonly [string, Field] => {
      const ref = refOf(rule);
      if (typeof rule === 'string' || ref === undefined || !closes(ref.sync) || isHeldWithout(sync, field)) return [field, rule];
      return [field, { ...rule, ref: { ...ref, onMissing: 'later' } }];
    }),
  );
}

function refOf(rule: Field | undefined) {
  return typeof rule === 'object' ? rule.ref : undefined;
}
