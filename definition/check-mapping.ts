import { isPhoneCountry } from '../engine/contact-value.ts';
import { compileExpression } from '../engine/expression.ts';
import { checkExpression, checkTemplate, type Page } from './check-expression.ts';
import { checkField, checkFields } from './check-fields.ts';
import type { FoundObject } from './find-object.ts';
import type { Mistake } from './mistake.ts';
import { UNNAMED } from './parse-definition.ts';
import type { Sync } from './schema/sync.ts';
import { missingSettings, withoutReferences } from './secrets.ts';
import type { Path } from './yaml-file.ts';

type Field = Exclude<Sync['mapping'][string], string>;

/** The rules of all target fields: their expressions, what they read, and settings that do not go together. */
export function checkMapping(page: Page, sync: Sync, source: FoundObject | undefined, target: FoundObject | undefined): Mistake[] {
  return Object.entries(sync.mapping).flatMap(([name, given]) => {
    if (name === UNNAMED) return [];
    const path = ['mapping', name];
    const unknown = checkField(page, path, name, target, { at: 'key' });
    if (typeof given === 'string') return [...unknown, ...checkReading(page, path, given, source)];
    return [
      ...unknown,
      ...checkReading(page, [...path, 'from'], given.from, source),
      ...checkReading(page, [...path, 'expression'], given.expression, source),
      ...checkTemplate(page, [...path, 'default'], given.default),
      ...checkLookupName(page, path, given, sync),
      ...checkTogether(page, path, given),
      ...checkOptions(page, path, given),
    ];
  });
}

function checkReading(page: Page, path: Path, source: string | undefined, object: FoundObject | undefined): Mistake[] {
  const mistakes = checkExpression(page, path, source);
  if (source === undefined || mistakes.length > 0) return mistakes;
  return [...checkFields(page, path, source, object), ...checkClock(page, path, source)];
}

/** What is another value in each run makes another record of it. */
function checkClock({ file, environment }: Page, path: Path, source: string): Mistake[] {
  if (missingSettings(source, environment).length > 0 || !compileExpression(withoutReferences(source, environment)).readsClock) return [];
  const message = 'depends on the time of the run: wherever its value has changed, a record is written again, though its source has not changed';
  return [file.mistake(path, message, { severity: 'warning' })];
}

function checkLookupName({ file }: Page, path: Path, { lookup }: Field, sync: Sync): Mistake[] {
  if (lookup === undefined || file.valueAt(['lookups', lookup]) !== undefined) return [];
  const known = Object.keys(sync.lookups);
  const orElse = known.length === 0 ? ': there are no `lookups`' : `: there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`;
  return [file.mistake([...path, 'lookup'], `unknown lookup "${lookup}"`, { meant: { name: lookup, known, orElse } })];
}

/** Keys that another key makes useless: most likely something else was meant. */
function checkTogether({ file }: Page, path: Path, field: Field): Mistake[] {
  const useless = (key: string, why: string) => file.mistake([...path, key], `has no effect ${why}`, { at: 'key', severity: 'warning' });
  const mistakes: Mistake[] = [];
  if (field.options !== undefined && field.type !== 'enum') mistakes.push(useless('options', 'without "type: enum"'));
  if (field.country !== undefined && field.type !== 'phone') mistakes.push(useless('country', 'without "type: phone"'));
  if (field.country !== undefined && field.type === 'phone' && !isPhoneCountry(field.country))
    mistakes.push(file.mistake([...path, 'country'], `"${field.country}" is no country of ISO 3166 with phone numbers, such as US or GB`));
  if (field.onInvalid !== undefined && field.type === undefined) mistakes.push(useless('onInvalid', 'without a type'));
  return mistakes;
}

/** Constants that the field's own options refuse. */
function checkOptions({ file }: Page, path: Path, field: Field): Mistake[] {
  const { options } = field;
  if (field.type !== 'enum' || options === undefined) return [];
  const constants: (readonly [Path, unknown])[] = [
    [[...path, 'default'], typeof field.default === 'string' && field.default.includes('{') ? undefined : field.default],
    [[...path, 'value'], field.value],
    ...Object.entries(field.values ?? {}).map(([from, to]) => [[...path, 'values', from], to] as const),
  ];
  return constants.flatMap(([at, value]) =>
    typeof value !== 'string' || value.includes('${') || options.includes(value)
      ? []
      : [file.mistake(at, `"${value}" is not one of the options: ${options.join(', ')}`, { meant: { name: value, known: options } })],
  );
}
