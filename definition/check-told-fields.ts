import { referencedFields } from '../engine/expression.ts';
import { ExpressionError } from '../engine/expression-error.ts';
import { splitPath } from '../engine/field-path.ts';
import { checkToldTypes } from './check-told-types.ts';
import type { Mistake } from './mistake.ts';
import type { Sync } from './schema/sync.ts';
import { modeOf } from './sync-mode.ts';
import type { ToldFields } from './told-fields.ts';
import type { Path, YamlFile } from './yaml-file.ts';

/**
 * Compares a sync with what its two systems tell of their fields: fields that do not exist, that nobody may write, that are needed and not mapped, and
 * types that do not fit.
 * @param sync with its settings put in
 */
export function checkToldFields(file: YamlFile, sync: Sync, source: ToldFields, target: ToldFields): Mistake[] {
  return [
    ...readings(sync).flatMap(([path, expression]) => checkRead(file, path, expression, source)),
    ...Object.keys(sync.mapping).flatMap((field) => checkWritten(file, sync, field, target)),
    ...checkNeeded(file, sync, target),
    ...checkToldTypes(file, sync, source, target),
  ];
}

/** Every expression over a source record, by where it stands. */
function readings({ source, mapping, lookups }: Sync): readonly (readonly [Path, string])[] {
  const all: (readonly [Path, string | undefined])[] = [
    [['source', 'primaryKey'], source.primaryKey],
    [['source', 'filter'], source.filter],
    [['source', 'incremental', 'cursorField'], source.incremental?.cursorField],
    ...Object.entries(mapping).flatMap(([field, rule]): (readonly [Path, string | undefined])[] =>
      typeof rule === 'string'
        ? [[['mapping', field], rule]]
        : [
            [['mapping', field, 'from'], rule.from],
            [['mapping', field, 'expression'], rule.expression],
            [['mapping', field, 'ref', 'from'], rule.ref?.from],
          ],
    ),
    ...Object.entries(lookups).flatMap(([name, { where }]) => Object.entries(where).map(([field, from]) => [['lookups', name, 'where', field], from] as const)),
  ];
  return all.flatMap(([path, expression]) => (expression === undefined ? [] : [[path, expression] as const]));
}

function checkRead(file: YamlFile, path: Path, expression: string, { of, facts, origin, seen, isOpen }: ToldFields): Mistake[] {
  if (facts.length === 0 || isOpen) return [];
  const known = new Set([...facts.map(({ name, isNested }) => (isNested === true ? (splitPath(name)[0] ?? name) : name)), ...seen]);
  return fieldsOf(expression).flatMap((field) => {
    if (known.has(field)) return [];
    const isSample = origin === 'sample';
    const message = isSample ? `no record of the first page of ${of} has "${field}"` : `${of} has no field "${field}"`;
    return [file.mistake(path, message, { severity: isSample ? 'warning' : 'error', meant: { name: field, known } })];
  });
}

function checkWritten(file: YamlFile, { target: { matchOn } }: Sync, field: string, { of, facts, origin, isOpen }: ToldFields): Mistake[] {
  // Records show what they have, not what they may have.
  if (facts.length === 0 || origin === 'sample') return [];
  const path = ['mapping', field];
  const told = facts.find(({ name }) => name === field);
  if (told === undefined) {
    const known = facts.filter(({ isNested = false }) => !isNested).map(({ name }) => name);
    // Of what has fields inside, they may be told alone.
    const isParent = facts.some(({ name, isNested = false }) => isNested && name.startsWith(`${field}.`));
    return isOpen || isParent ? [] : [file.mistake(path, `${of} has no field "${field}"`, { at: 'key', meant: { name: field, known } })];
  }
  if (told.isReadOnly !== true || field === matchOn) return [];
  return [file.mistake(path, `"${field}" of ${of} is read-only: it is set there, and takes no value`, { at: 'key' })];
}

function checkNeeded(file: YamlFile, { mapping, target }: Sync, { of, facts }: ToldFields): Mistake[] {
  if (modeOf(target) === 'update') return [];
  return facts
    .filter(({ name, isRequired = false, isReadOnly = false }) => isRequired && !isReadOnly && !Object.hasOwn(mapping, name))
    .map(({ name }) => file.mistake(['mapping'], `nothing maps "${name}", without which ${of} takes no new record`, { at: 'key' }));
}

function fieldsOf(expression: string): readonly string[] {
  try {
    return referencedFields(expression);
  } catch (error) {
    if (error instanceof ExpressionError) return []; // told as a mistake of its own
    throw error;
  }
}
