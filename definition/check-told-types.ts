import { type FieldFacts, type FieldType, readingOf } from '../engine/field-facts.ts';
import { VALUE_TYPES } from '../engine/field-rule.ts';
import { typeFit } from '../engine/type-fit.ts';
import type { Mistake } from './mistake.ts';
import type { Sync } from './schema/sync.ts';
import { type ToldFields, typeWords } from './told-fields.ts';
import type { Path, YamlFile } from './yaml-file.ts';

type Rule = Exclude<Sync['mapping'][string], string>;
const SHOWN_VALUES = 8;

/** Values that a mapping gives and its target's field does not take, as far as types and lists of values tell. */
export function checkToldTypes(file: YamlFile, sync: Sync, source: ToldFields, target: ToldFields): Mistake[] {
  return Object.entries(sync.mapping).flatMap(([field, given]) => {
    const told = target.facts.find(({ name }) => name === field);
    if (told === undefined || told.isReadOnly === true) return [];
    const rule: Rule = typeof given === 'string' ? { from: given } : given;
    const path = ['mapping', field];
    return [
      ...checkType(file, path, { rule, told, source: givenBy(rule, source), of: target.of }),
      ...checkValues(file, path, { rule, told, of: target.of }),
      ...checkUnmapped(file, path, { rule, told, source: givenBy(rule, source), of: target.of }),
    ];
  });
}

function givenBy({ from }: Rule, { facts }: ToldFields): FieldFacts | undefined {
  return from === undefined ? undefined : facts.find((one) => readingOf(one) === from);
}

interface Compared {
  readonly rule: Rule;
  readonly told: FieldFacts;
  /** The source field that is taken as it is. */
  readonly source: FieldFacts | undefined;
  readonly of: string;
}

function checkType(file: YamlFile, path: Path, { rule, told, source, of }: Compared): Mistake[] {
  const type = typeOf(rule, source);
  if (type === undefined || told.type === undefined) return [];
  const fit = typeFit(type, told.type);
  if (fit === 'none') return [file.mistake(path, `gives ${typeWords(type)}, and ${of} wants ${typeWords(told.type)}`)];
  const isNamed = rule.type !== undefined || rule.values !== undefined;
  if (fit === 'all' || isNamed || !SPELLED_OUT.includes(told.type)) return [];
  const advice = VALUE_TYPES.find((name) => name === told.type);
  const message = `gives ${typeWords(type)}, and ${of} wants ${typeWords(told.type)}: with "type: ${advice}" what is none is refused before it is sent`;
  return [file.mistake(path, message, { severity: 'warning' })];
}
/** Of other types, what is written wrongly is seen at once, or not to be told by its type. */
const SPELLED_OUT: readonly FieldType[] = ['integer', 'number', 'boolean', 'date', 'datetime'];

/** What the last step of a rule gives. */
function typeOf(rule: Rule, source: FieldFacts | undefined): FieldType | undefined {
  if (rule.type !== undefined) return rule.type;
  if (rule.value !== undefined) return typeof rule.value === 'boolean' ? 'boolean' : typeof rule.value === 'number' ? 'number' : 'string';
  const isChanged = rule.values !== undefined || (rule.transform ?? []).length > 0;
  return isChanged ? undefined : source?.type;
}

/** Constants of the mapping that are none of the values which the field may have. */
function checkValues(file: YamlFile, path: Path, { rule, told, of }: Omit<Compared, 'source'>): Mistake[] {
  const { values: known, type } = told;
  if (known === undefined || type !== 'enum') return [];
  const shown = `${known.slice(0, SHOWN_VALUES).join(', ')}${known.length > SHOWN_VALUES ? `, … (${known.length})` : ''}`;
  const constants: (readonly [Path, unknown])[] = [
    [[...path, 'value'], rule.value],
    [[...path, 'default'], typeof rule.default === 'string' && rule.default.includes('{') ? undefined : rule.default],
    ...Object.entries(rule.values ?? {}).map(([from, to]) => [[...path, 'values', from], to] as const),
    ...(rule.options ?? []).map((option, index) => [[...path, 'options', index], option] as const),
  ];
  return constants.flatMap(([at, value]) =>
    value === undefined || value === null || known.includes(String(value))
      ? []
      : [file.mistake(at, `"${String(value)}" is none of the values that ${of} has there: ${shown}`, { meant: { name: String(value), known } })],
  );
}

/** Values that the source may have, and that become none of those which the field may have. */
function checkUnmapped(file: YamlFile, path: Path, { rule, told, source, of }: Compared): Mistake[] {
  const { values: known, type } = told;
  if (source?.values === undefined || known === undefined || type !== 'enum' || (rule.transform ?? []).length > 0) return [];
  const open = source.values.filter((value) => !Object.hasOwn(rule.values ?? {}, value) && !known.includes(value));
  if (open.length === 0) return [];
  const shown = `${open.slice(0, SHOWN_VALUES).join(', ')}${open.length > SHOWN_VALUES ? `, … (${open.length})` : ''}`;
  const message = `may give ${shown}, which ${open.length === 1 ? 'is none' : 'are none'} of the values that ${of} has there: say in \`values\` what becomes of ${open.length === 1 ? 'it' : 'them'}`;
  return [file.mistake(path, message, { severity: 'warning' })];
}
