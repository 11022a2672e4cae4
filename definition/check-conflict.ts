import { checkExpression, type Page } from './check-expression.ts';
import { checkFields } from './check-fields.ts';
import type { FoundObject } from './find-object.ts';
import type { Mistake } from './mistake.ts';
import type { Sync } from './schema/sync.ts';

/** What the rules about other people's edits need: a target that can be read, and two times to compare. */
export function checkConflict(page: Page, { conflict, mapping, source, target }: Sync, from: FoundObject | undefined, to: FoundObject | undefined): Mistake[] {
  const { file } = page;
  const { policy, sourceTime, targetTime } = conflict ?? {};
  const mistakes = [
    ...checkExpression(page, ['conflict', 'sourceTime'], sourceTime),
    ...checkExpression(page, ['conflict', 'targetTime'], targetTime),
    ...checkFields(page, ['conflict', 'sourceTime'], sourceTime, from),
  ];
  const unreadable = `${target.object} has no \`search\`: what others changed there cannot be read`;
  const isReadable = to === undefined || to.has('search');
  if (!isReadable && policy !== undefined && policy !== 'source-wins') mistakes.push(file.mistake(['conflict', 'policy'], unreadable));
  for (const [name, rule] of Object.entries(mapping))
    if (!isReadable && typeof rule === 'object' && rule.write === 'if-empty') mistakes.push(file.mistake(['mapping', name, 'write'], unreadable));
  if (policy !== 'newest-wins') return mistakes;
  const cursorField = source.incremental?.cursorField;
  if (targetTime === undefined)
    mistakes.push(file.mistake(['conflict', 'policy'], 'newest-wins needs `targetTime`: the field of the target that says when a record was changed'));
  if (sourceTime === undefined && cursorField === undefined)
    mistakes.push(file.mistake(['conflict', 'policy'], 'newest-wins needs `sourceTime`: the field of the source that says when a record was changed'));
  if (sourceTime !== undefined && cursorField !== undefined && sourceTime !== cursorField)
    mistakes.push(file.mistake(['conflict', 'sourceTime'], `must be the incremental field, ${cursorField}: it says when a record was changed`));
  return mistakes;
}
