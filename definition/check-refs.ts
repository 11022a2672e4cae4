import { matchFields } from '../engine/match-fields.ts';
import { checkExpression } from './check-expression.ts';
import type { CheckScope } from './check-scope.ts';
import type { Mistake } from './mistake.ts';
import { type Loaded, UNNAMED } from './parse-definition.ts';
import type { Sync } from './schema/sync.ts';
import { isHeldWithout, syncGraph } from './sync-graph.ts';
import { modeOf } from './sync-mode.ts';

/** References to what other syncs write: the sync is there, and writes where this one does. */
export function checkRefs(scope: CheckScope, loaded: Loaded<Sync>): Mistake[] {
  const { files, environment } = scope;
  const { file, value: sync } = loaded;
  return Object.entries(sync.mapping).flatMap(([name, field]) => {
    if (typeof field === 'string' || field.ref === undefined) return [];
    const path = ['mapping', name, 'ref'];
    const mistakes = [...checkExpression({ file, environment }, [...path, 'from'], field.ref.from), ...checkMissing(scope, loaded, name)];
    const other = files.syncs.get(field.ref.sync);
    if (other === undefined) {
      const known = [...files.syncs.keys()];
      return [...mistakes, file.mistake([...path, 'sync'], `unknown sync "${field.ref.sync}"`, { meant: { name: field.ref.sync, known } })];
    }
    const { connection } = other.value.target;
    if (connection === sync.target.connection || [connection, sync.target.connection].includes(UNNAMED)) return mistakes;
    const message = `${field.ref.sync} writes to ${connection}, this sync to ${sync.target.connection}: its ids mean nothing there`;
    return [...mistakes, file.mistake([...path, 'sync'], message)];
  });
}

/** What is needed cannot come later; and of records that wait for each other none is ever written. */
function checkMissing({ files }: CheckScope, { name, value: sync, file }: Loaded<Sync>, field: string): Mistake[] {
  const rule = sync.mapping[field];
  const ref = typeof rule === 'object' ? rule.ref : undefined;
  if (ref === undefined || !isHeldWithout(sync, field)) return [];
  const path = ['mapping', field];
  if (ref.onMissing === 'later') {
    const why = matchFields(sync.target.matchOn).includes(field)
      ? 'records are matched on it'
      : modeOf(sync.target) === 'insert'
        ? 'mode insert changes nothing'
        : 'it is required';
    return [file.mistake([...path, 'ref', 'onMissing'], `cannot be set later: ${why}`)];
  }
  if (!syncGraph(files.syncs).closing.some(({ from, to }) => from === name && to === ref.sync)) return [];
  const message = `${ref.sync} waits for ${name}: records that refer to each other would be held for ever; let this one be set later`;
  return [file.mistake([...path, 'ref'], message, { severity: 'warning' })];
}
