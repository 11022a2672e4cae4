import { compileExpression } from '../engine/expression.ts';
import { ExpressionError } from '../engine/expression-error.ts';
import { checkExpression, checkTemplate, type Page, wordsOf } from './check-expression.ts';
import { checkField, checkFields } from './check-fields.ts';
import type { CheckScope } from './check-scope.ts';
import { checkUnsliced } from './check-slices.ts';
import { type FoundObject, findObject } from './find-object.ts';
import type { Mistake } from './mistake.ts';
import type { Sync } from './schema/sync.ts';
import type { Path } from './yaml-file.ts';

/** Lookups beside the mapping that uses them and the objects they read. */
export function checkLookups(scope: CheckScope, page: Page, sync: Sync, source: FoundObject | undefined): Mistake[] {
  const { file } = page;
  const used = new Set(Object.keys(Object(file.valueAt(['mapping']))).map((field) => file.valueAt(['mapping', field, 'lookup'])));
  return Object.entries(sync.lookups).flatMap(([name, lookup]) => {
    const path = ['lookups', name];
    const { found, mistakes } = findObject(scope, file, [...path, 'from'], lookup.from);
    if (!used.has(name)) mistakes.push(file.mistake(path, `nobody uses this lookup: map a field with "lookup: ${name}", or take it out`, { at: 'key' }));
    if (found !== undefined && !found.has('list')) {
      mistakes.push(file.mistake([...path, 'from', 'object'], `${lookup.from.object} cannot be read: it has no \`list\``));
    }
    mistakes.push(...checkUnsliced(page, [...path, 'from', 'object'], lookup.from.object, found));
    for (const [field, value] of Object.entries(lookup.where)) {
      const at = [...path, 'where', field];
      mistakes.push(...checkLookedUp(page, at, field, found), ...checkExpression(page, at, value), ...checkFields(page, at, value, source));
    }
    mistakes.push(...checkExpression(page, [...path, 'return'], lookup.return), ...checkFields(page, [...path, 'return'], lookup.return, found));
    if (typeof lookup.onMissing === 'object') mistakes.push(...checkTemplate(page, [...path, 'onMissing', 'use'], lookup.onMissing.use));
    return mistakes;
  });
}

/** The key of `where` is an expression, too: it may be a path into the looked-up record. */
function checkLookedUp(page: Page, at: Path, field: string, found: FoundObject | undefined): Mistake[] {
  try {
    compileExpression(field);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return [page.file.mistake(at, wordsOf(error, field), { at: 'key' })];
  }
  return checkField(page, at, field, found, { at: 'key' });
}
