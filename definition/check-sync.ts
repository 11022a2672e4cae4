import { referencedFields } from '../engine/expression.ts';
import { didYouMean } from '../engine/suggest.ts';
import { checkExpression, checkTemplate } from './check-objects.ts';
import type { Mistake } from './mistake.ts';
import type { Loaded, ProjectFiles } from './project-files.ts';
import type { ConnectorObject } from './schema/connector.ts';
import type { Sync } from './schema/sync.ts';
import type { Path } from './yaml-file.ts';

/** What only shows when a sync is looked at beside its connections and their objects. */
export function checkSync(files: ProjectFiles, loaded: Loaded<Sync>): Mistake[] {
  const { value: sync, file } = loaded;
  const mistakes: Mistake[] = [];
  const source = findObject(files, loaded, ['source'], sync.source, mistakes);
  const target = findObject(files, loaded, ['target'], sync.target, mistakes);
  if (source !== undefined && source.list === undefined) mistakes.push(file.mistake(['source', 'object'], `${sync.source.object} cannot be read: its connector has no \`list\``));
  if (target !== undefined && target.upsert === undefined && (target.create === undefined || target.update === undefined)) {
    mistakes.push(file.mistake(['target', 'object'], `${sync.target.object} cannot be written: its connector needs \`upsert\`, or \`create\` and \`update\``));
  }
  mistakes.push(...checkMatch(loaded, target), ...checkMapping(loaded, source), ...checkLookups(files, loaded, source));
  mistakes.push(...checkExpression(file, ['source', 'filter'], sync.source.filter), ...checkExpression(file, ['source', 'incremental', 'cursorField'], sync.source.incremental?.cursorField));
  return mistakes;
}

function findObject(files: ProjectFiles, { file }: Loaded<Sync>, path: Path, place: { readonly connection: string; readonly object: string }, mistakes: Mistake[]): ConnectorObject | undefined {
  const connection = files.connections.get(place.connection);
  if (connection === undefined) {
    if (!files.present.connections.includes(place.connection)) {
      mistakes.push(file.mistake([...path, 'connection'], `unknown connection "${place.connection}"${didYouMean(place.connection, files.present.connections)}`));
    }
    return undefined;
  }
  const connector = files.connectors.get(connection.value.connector);
  if (connector === undefined) return undefined;
  const objects = { ...connector.value.objects, ...connection.value.objects };
  const object = Object.hasOwn(objects, place.object) ? objects[place.object] : undefined;
  if (object === undefined) {
    const known = Object.keys(objects);
    mistakes.push(file.mistake([...path, 'object'], `connection ${place.connection} has no object "${place.object}"${didYouMean(place.object, known)}; it has ${known.join(', ') || 'none'}`));
  }
  return object;
}

function checkMatch({ value: sync, file }: Loaded<Sync>, target: ConnectorObject | undefined): Mistake[] {
  const { matchOn } = sync.target;
  if (!Object.hasOwn(sync.mapping, matchOn)) {
    return [file.mistake(['target', 'matchOn'], `"${matchOn}" is not in the mapping, so no record could be matched${didYouMean(matchOn, Object.keys(sync.mapping))}`)];
  }
  if (target?.unique === undefined || target.unique.includes(matchOn)) return [];
  return [file.mistake(['target', 'matchOn'], `the API matches on ${target.unique.join(' or ')} only`, 'value', { severity: 'warning' })];
}

function checkMapping({ value: sync, file }: Loaded<Sync>, source: ConnectorObject | undefined): Mistake[] {
  return Object.entries(sync.mapping).flatMap(([field, given]) => {
    const path = ['mapping', field];
    const rule = typeof given === 'string' ? { from: given } : given;
    const expressionPath = typeof given === 'string' ? path : [...path, rule.from === undefined ? 'expression' : 'from'];
    const expression = rule.from ?? ('expression' in rule ? rule.expression : undefined);
    const mistakes = checkExpression(file, expressionPath, expression);
    if (mistakes.length === 0 && expression !== undefined) mistakes.push(...checkFields(file, expressionPath, expression, source));
    if ('default' in rule) mistakes.push(...checkTemplate(file, [...path, 'default'], rule.default));
    if ('lookup' in rule && rule.lookup !== undefined && !Object.hasOwn(sync.lookups, rule.lookup)) {
      mistakes.push(file.mistake([...path, 'lookup'], `unknown lookup "${rule.lookup}"${didYouMean(rule.lookup, Object.keys(sync.lookups))}`));
    }
    return mistakes;
  });
}

function checkLookups(files: ProjectFiles, loaded: Loaded<Sync>, source: ConnectorObject | undefined): Mistake[] {
  const { value: sync, file } = loaded;
  const used = new Set(Object.values(sync.mapping).map((rule) => (typeof rule === 'object' ? rule.lookup : undefined)));
  return Object.entries(sync.lookups).flatMap(([name, lookup]) => {
    const path = ['lookups', name];
    const mistakes: Mistake[] = [];
    if (!used.has(name)) mistakes.push(file.mistake(path, `nobody uses the lookup "${name}": map a field with \`lookup: ${name}\`, or take it out`, 'key'));
    const looked = findObject(files, loaded, [...path, 'from'], lookup.from, mistakes);
    for (const [field, value] of Object.entries(lookup.where)) {
      mistakes.push(...checkExpression(file, [...path, 'where', field], value), ...checkFields(file, [...path, 'where', field], value, source));
      mistakes.push(...checkFields(file, [...path, 'where', field], field, looked, 'key'));
    }
    if (looked !== undefined) mistakes.push(...checkFields(file, [...path, 'return'], lookup.return, looked));
    if (typeof lookup.onMissing === 'object') mistakes.push(...checkTemplate(file, [...path, 'onMissing', 'use'], lookup.onMissing.use));
    return mistakes;
  });
}

/** Only where the manifest says which fields there are. */
function checkFields(file: Loaded<Sync>['file'], path: Path, expression: string, object: ConnectorObject | undefined, at: 'key' | 'value' = 'value'): Mistake[] {
  const known = object?.knownFields;
  if (known === undefined) return [];
  return fieldsOf(expression)
    .filter((field) => !known.includes(field))
    .map((field) => file.mistake(path, `unknown field "${field}"${didYouMean(field, known)}`, at));
}

function fieldsOf(expression: string): readonly string[] {
  try {
    return referencedFields(expression);
  } catch {
    return []; // already reported as no expression
  }
}
