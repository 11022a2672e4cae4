import { checkExpression, type Page } from './check-expression.ts';
import type { CheckScope } from './check-scope.ts';
import type { Mistake } from './mistake.ts';
import type { Sync } from './schema/sync.ts';

/** References to what other syncs write: the sync is there, and writes where this one does. */
export function checkRefs({ files }: CheckScope, page: Page, sync: Sync): Mistake[] {
  const { file } = page;
  return Object.entries(sync.mapping).flatMap(([name, field]) => {
    if (typeof field === 'string' || field.ref === undefined) return [];
    const path = ['mapping', name, 'ref'];
    const reading = checkExpression(page, [...path, 'from'], field.ref.from);
    const other = files.syncs.get(field.ref.sync);
    if (other === undefined) {
      const known = [...files.syncs.keys()];
      return [...reading, file.mistake([...path, 'sync'], `unknown sync "${field.ref.sync}"`, { meant: { name: field.ref.sync, known } })];
    }
    const { connection } = other.value.target;
    if (connection === sync.target.connection) return reading;
    const message = `${field.ref.sync} writes to ${connection}, this sync to ${sync.target.connection}: its ids mean nothing there`;
    return [...reading, file.mistake([...path, 'sync'], message)];
  });
}
