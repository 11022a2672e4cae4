import { findCycle } from '../engine/graph.ts';
import type { CheckScope } from './check-scope.ts';
import type { Mistake } from './mistake.ts';
import type { Loaded } from './parse-definition.ts';
import type { Sync } from './schema/sync.ts';
import { graphNodes } from './sync-graph.ts';

/** The syncs that are to run before this one: they are there, and none of them waits for it. */
export function checkDependsOn({ files }: CheckScope, { name, value: sync, file }: Loaded<Sync>): Mistake[] {
  const dependsOn = sync.dependsOn ?? [];
  const known = [...files.syncs.keys()];
  const mistakes = dependsOn.flatMap((other, index) => {
    const path = ['dependsOn', index];
    if (other === name) return [file.mistake(path, `${name} cannot depend on itself`)];
    return files.syncs.has(other) ? [] : [file.mistake(path, `unknown sync "${other}"`, { meant: { name: other, known } })];
  });
  const cycle = findCycle(graphNodes(files.syncs), name);
  if (cycle === undefined || cycle.length === 2) return mistakes;
  // Told once, in the file of the first of them.
  if (cycle.some((other) => other < name)) return mistakes;
  const message = `${cycle.join(' → ')}: each waits for the next, so that none could start`;
  return [...mistakes, file.mistake(['dependsOn', dependsOn.indexOf(cycle[1] ?? '')], message)];
}
