import { checkExpression, type Page } from './check-expression.ts';
import { checkFields } from './check-fields.ts';
import type { FoundObject } from './find-object.ts';
import type { Mistake } from './mistake.ts';
import type { Sync } from './schema/sync.ts';
import { archivedFields, modeOf, takesAway } from './sync-mode.ts';

/** What mirror and archive need: to learn of what has gone, and a way back for what returns. */
export function checkDeletes(page: Page, { source, target, mapping, delete: deletes }: Sync, found: FoundObject | undefined): Mistake[] {
  const { file } = page;
  const mistakes = [
    ...checkExpression(page, ['source', 'deletes', 'tombstone'], source.deletes?.tombstone),
    ...checkFields(page, ['source', 'deletes', 'tombstone'], source.deletes?.tombstone, found),
  ];
  if (source.deletes?.endpoint !== undefined && found !== undefined && !found.has('deleted')) {
    const message = `${source.connection} ${source.object} has no \`deleted\` endpoint: describe it in the connector, or use \`tombstone\` or \`source.fullRead\``;
    mistakes.push(file.mistake(['source', 'deletes', 'endpoint'], message));
  }
  if (source.deletes?.endpoint !== undefined && source.incremental === undefined) {
    const message = 'it is read with `incremental` only: a complete read finds by itself what has gone';
    mistakes.push(file.mistake(['source', 'deletes', 'endpoint'], message, { at: 'key', severity: 'warning' }));
  }
  if (!takesAway(target)) {
    const message = `it is for modes mirror and archive: mode ${modeOf(target)} deletes nothing`;
    if (source.deletes !== undefined) mistakes.push(file.mistake(['source', 'deletes'], message, { at: 'key', severity: 'warning' }));
    if (deletes !== undefined) mistakes.push(file.mistake(['delete'], message, { at: 'key', severity: 'warning' }));
    return mistakes;
  }
  if (source.incremental !== undefined && source.deletes === undefined && source.fullRead === undefined) {
    const message = `an incremental read never shows what has gone, so mode ${modeOf(target)} would delete nothing: add \`source.deletes\` or \`source.fullRead\``;
    mistakes.push(file.mistake(['target', 'mode'], message));
  }
  for (const name of Object.keys(archivedFields(target) ?? {})) {
    if (mapping[name] !== undefined) continue;
    const message = `"${name}" is not in the mapping: nothing would set it back when the record returns. Map it, too, for example ${name}: { value: … }`;
    mistakes.push(file.mistake(['target', 'mode', 'archive', 'set', name], message, { at: 'key' }));
  }
  return mistakes;
}
