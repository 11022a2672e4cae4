import { cursorInstant } from '../engine/cursor-value.ts';
import { checkExpression, type Page } from './check-expression.ts';
import { checkFields } from './check-fields.ts';
import { checkPositive } from './check-limits.ts';
import type { FoundObject } from './find-object.ts';
import { type ListInsertions, listInsertions } from './list-insertions.ts';
import type { Mistake } from './mistake.ts';
import { isOfDatabase, offeredByKind } from './offered.ts';
import type { Sync } from './schema/sync.ts';
import { withoutReferences } from './secrets.ts';
import type { Path } from './yaml-file.ts';

type Slices = NonNullable<Sync['source']['slices']>;

const AT = ['source', 'slices'];

/** Slices that would read everything each time, or nothing at all. */
export function checkSlices(page: Page, { source }: Sync, found: FoundObject | undefined): Mistake[] {
  const { slices } = source;
  if (slices === undefined) return checkUnsliced(page, ['source', 'object'], source.object, found);
  const insertions = found?.object.list === undefined ? undefined : listInsertions(found.object.list);
  return [
    ...checkWholes(page, source, slices, found),
    ...checkRule(page, source, slices),
    ...checkWholeWindows(page, slices, found),
    ...(slices.by === 'window' ? [...checkExpression(page, [...AT, 'field'], slices.field), ...checkFields(page, [...AT, 'field'], slices.field, found)] : []),
    ...(insertions === undefined ? [] : [...checkBounds(page, source, slices, insertions), ...checkOptional(page, slices, insertions)]),
  ];
}

/** What is no list of an API is cut by the column it is ordered by, or not at all. */
function checkWholes({ file }: Page, { incremental, object }: Sync['source'], slices: Slices, found: FoundObject | undefined): Mistake[] {
  if (found === undefined || offeredByKind(found.object).length === 0) return [];
  const { orderedBy } = found.object;
  const isCut = orderedBy !== undefined && slices.by === 'window' && (slices.field ?? incremental?.cursorField) === orderedBy && incremental !== undefined;
  if (isCut) return [];
  const advice = isOfDatabase(found.object)
    ? 'it can be read in windows of the column that it is `orderedBy`, with `incremental`'
    : 'it is read from its beginning';
  return [file.mistake(AT, `${object} has no such slices: ${advice}`, { at: 'key' })];
}

/** An object whose list asks for a slice, where none is given. */
export function checkUnsliced({ file }: Page, path: Path, object: string, found: FoundObject | undefined): Mistake[] {
  const needed = found?.object.list === undefined ? [] : (listInsertions(found.object.list)?.needed ?? []);
  const [first] = needed.filter(({ name }) => name.startsWith('slice.'));
  if (first === undefined) return [];
  const message = `${object} is listed in slices: ${first.place} of its \`list\` inserts {${first.name}}, and there are no \`slices\` here`;
  return [file.mistake(path, message)];
}

/** Each slice would hold most of its neighbours. */
function checkWholeWindows({ file }: Page, slices: Slices, found: FoundObject | undefined): Mistake[] {
  const whole = found?.object.list?.whole;
  if (slices.by !== 'window' || whole === undefined || whole === 'day') return [];
  if (slices.size === 'month' || slices.size === whole) return [];
  return [file.mistake([...AT, 'size'], `its \`list\` is asked for whole ${whole}s: write ${whole}`)];
}

function checkRule({ file, environment }: Page, { incremental }: Sync['source'], slices: Slices): Mistake[] {
  switch (slices.by) {
    case 'window': {
      const mistakes = checkPositive(file, [...AT, 'size']);
      if (cursorInstant(withoutReferences(String(slices.from), environment)) === undefined)
        mistakes.push(file.mistake([...AT, 'from'], 'is no time that can be counted from: write it as the API does, such as 2020-01-01T00:00:00Z'));
      if (slices.field === undefined && incremental === undefined)
        mistakes.push(file.mistake(AT, 'name the `field` that the windows are of: there is no `incremental` here', { at: 'key' }));
      return mistakes;
    }
    case 'ids':
      return slices.to !== undefined && slices.to <= slices.from ? [file.mistake([...AT, 'to'], `must be larger than from (${slices.from})`)] : [];
    case 'list':
      return slices.values.flatMap((value, index) =>
        slices.values.indexOf(value) === index ? [] : [file.mistake([...AT, 'values', index], `"${value}" is there twice: it would be read twice`)],
      );
  }
}

/** A slice whose request does not say where it begins and ends is the whole list. */
function checkBounds({ file }: Page, source: Sync['source'], slices: Slices, { has }: ListInsertions): Mistake[] {
  const isOfWindow = slices.by === 'window' && (slices.field === undefined || slices.field === source.incremental?.cursorField);
  const sides = slices.by === 'list' ? ['value'] : ['from', 'to'];
  const missing = sides.filter((side) => !has(`slice.${side}`) && !(isOfWindow && has(`window.${side}`)));
  if (missing.length === 0) return [];
  const names = missing.map((side) => `{slice.${side}}${isOfWindow ? ` or {window.${side}}` : ''}`).join(', nor ');
  const message = `each slice would read more than its own part of ${source.object}: nothing in its \`list\` inserts ${names}`;
  return [file.mistake(AT, message, { at: 'key' })];
}

/** The first slice has no beginning and the last no end, so that nothing lies outside of them all. */
function checkOptional({ file }: Page, { by }: Slices, { needed }: ListInsertions): Mistake[] {
  if (by === 'list') return [];
  return needed.flatMap(({ place, name }) => {
    const [, side = ''] = /^(?:slice|window)\.(from|to)$/.exec(name) ?? [];
    if (side === '') return [];
    const why = side === 'from' ? 'the first slice has no beginning' : 'the last slice has no end';
    const advice = place.startsWith('query.') ? 'mark it "optional: true"' : 'insert it in the query, "optional: true"';
    return [file.mistake(AT, `${why}, and ${place} of the \`list\` inserts {${name}}: ${advice}`, { at: 'key' })];
  });
}
