import { checkExpression, type Page } from './check-expression.ts';
import { checkFields } from './check-fields.ts';
import type { FoundObject } from './find-object.ts';
import type { Mistake } from './mistake.ts';
import type { Ruling } from './ruling-of.ts';
import type { Sync } from './schema/sync.ts';

interface Objects {
  readonly source: FoundObject | undefined;
  readonly target: FoundObject | undefined;
}

/** What the rules about other people's edits need: a target that can be read, and two times to compare. */
export function checkConflict(page: Page, { mapping, source, target }: Sync, ruling: Ruling<Sync['conflict']>, found: Objects): Mistake[] {
  const { file, path, lead, rule } = ruling;
  const { policy, sourceTime, targetTime } = rule ?? {};
  const there: Page = { file, environment: page.environment };
  const at = (key: string) => [...path, key];
  const mistakes = [
    ...checkExpression(there, at('sourceTime'), sourceTime),
    ...checkExpression(there, at('targetTime'), targetTime),
    ...checkFields(there, at('sourceTime'), sourceTime, found.source),
  ];
  const unreadable = `${target.object} has no \`search\`: what others changed there cannot be read`;
  const isReadable = found.target === undefined || found.target.has('search');
  const own = lead === '' ? '' : '; give that sync a `conflict` of its own';
  if (!isReadable && policy !== undefined && policy !== 'source-wins') mistakes.push(file.mistake(at('policy'), `${lead}${unreadable}${own}`));
  for (const [name, field] of Object.entries(mapping))
    if (!isReadable && typeof field === 'object' && field.write === 'if-empty') mistakes.push(page.file.mistake(['mapping', name, 'write'], unreadable));
  if (policy !== 'newest-wins') return mistakes;
  const cursorField = source.incremental?.cursorField;
  if (targetTime === undefined)
    mistakes.push(file.mistake(at('policy'), 'newest-wins needs `targetTime`: the field of the target that says when a record was changed'));
  if (sourceTime === undefined && cursorField === undefined)
    mistakes.push(file.mistake(at('policy'), `${lead}newest-wins needs \`sourceTime\`: the field of the source that says when a record was changed${own}`));
  if (sourceTime !== undefined && cursorField !== undefined && sourceTime !== cursorField)
    mistakes.push(file.mistake(at('sourceTime'), `${lead}must be the incremental field, ${cursorField}: it says when a record was changed${own}`));
  return mistakes;
}
