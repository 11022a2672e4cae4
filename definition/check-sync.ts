import { assertNever } from '../engine/assert-never.ts';
import { matchFields } from '../engine/match-fields.ts';
import { CHANGE_KINDS, type SyncMode } from '../engine/outcome.ts';
import { checkAlerts } from './check-alerts.ts';
import { checkConflict } from './check-conflict.ts';
import { checkDeletes } from './check-deletes.ts';
import { checkDependsOn } from './check-depends-on.ts';
import { checkEvents } from './check-events.ts';
import { checkExpression, type Page } from './check-expression.ts';
import { checkFields } from './check-fields.ts';
import { checkKeptValues } from './check-kept-values.ts';
import { checkPositive } from './check-limits.ts';
import { checkLookups } from './check-lookups.ts';
import { checkMapping } from './check-mapping.ts';
import { checkReferences } from './check-references.ts';
import { checkRefs } from './check-refs.ts';
import { checkResults } from './check-results.ts';
import { checkSchedule } from './check-schedule.ts';
import type { CheckScope } from './check-scope.ts';
import { checkSlices } from './check-slices.ts';
import { type FoundObject, findObject } from './find-object.ts';
import type { Mistake } from './mistake.ts';
import { isOfDatabase } from './offered.ts';
import { type Loaded, UNNAMED } from './parse-definition.ts';
import { readsWindow } from './reads-window.ts';
import { type Ruling, rulingOf } from './ruling-of.ts';
import type { ConnectorObject } from './schema/connector.ts';
import type { Sync } from './schema/sync.ts';
import { modeOf } from './sync-mode.ts';
import type { YamlFile } from './yaml-file.ts';

/** What only shows when a sync is looked at beside its connections and their objects. */
export function checkSync(scope: CheckScope, loaded: Loaded<Sync>): Mistake[] {
  const { value: sync, file } = loaded;
  const page = { file, environment: scope.environment };
  const source = findObject(scope, file, ['source'], sync.source);
  const target = findObject(scope, file, ['target'], sync.target);
  return [
    ...source.mistakes,
    ...target.mistakes,
    ...checkSource(page, sync, source.found),
    ...checkSlices(page, sync, source.found),
    ...checkTarget(page, sync, target.found),
    ...checkDeletes(page, sync, source.found),
    ...checkEvents(scope, page, sync, source.found),
    ...checkMapping(page, sync, source.found, target.found),
    ...checkRefs(scope, loaded),
    ...checkDependsOn(scope, loaded),
    ...checkLookups(scope, page, sync, source.found),
    ...checkPositive(file, ['source', 'fullRead', 'every']),
    ...checkPositive(file, ['giveUpAfter']),
    ...checkReconcile(rulingOf(scope, loaded, 'reconcile'), sync, target.found),
    ...checkSchedule(rulingOf(scope, loaded, 'schedule')),
    ...checkAlerts(scope, page, ['alerts'], sync.alerts),
    ...checkResults(scope, page, ['results'], sync.results),
    ...checkConflict(page, sync, rulingOf(scope, loaded, 'conflict'), { source: source.found, target: target.found }),
    ...checkKeptValues(scope, loaded),
    ...checkReferences(file, scope.environment, { mayHoldSecret: () => false, isUsed: () => true }),
  ];
}

function checkSource(page: Page, { source, target }: Sync, found: FoundObject | undefined): Mistake[] {
  const { file } = page;
  const mistakes = [
    ...checkExpression(page, ['source', 'primaryKey'], source.primaryKey),
    ...checkExpression(page, ['source', 'filter'], source.filter),
    ...checkExpression(page, ['source', 'incremental', 'cursorField'], source.incremental?.cursorField),
    ...checkFields(page, ['source', 'primaryKey'], source.primaryKey, found),
    ...checkFields(page, ['source', 'filter'], source.filter, found),
    ...checkFields(page, ['source', 'incremental', 'cursorField'], source.incremental?.cursorField, found),
  ];
  if (source.connection !== UNNAMED && source.connection === target.connection && source.object === target.object) {
    mistakes.push(file.mistake(['target', 'object'], 'source and target are the same object: what is written would be read again', { severity: 'warning' }));
  }
  if (found === undefined) return mistakes;
  if (!found.has('list')) mistakes.push(file.mistake(['source', 'object'], `${source.object} cannot be read: it has no \`list\``));
  if (!found.has('list') || source.incremental === undefined) return mistakes;
  return [...mistakes, ...checkIncremental(file, source.object, source.incremental, found.object)];
}

function checkIncremental(file: YamlFile, name: string, { cursorField }: { readonly cursorField: string }, object: ConnectorObject): Mistake[] {
  const { orderedBy } = object;
  if (isOfDatabase(object) && orderedBy !== undefined && orderedBy !== cursorField) {
    const message = `${name} is read by its \`orderedBy\`, ${orderedBy}: incremental goes by the same column`;
    return [file.mistake(['source', 'incremental', 'cursorField'], message, { meant: { name: cursorField, known: [orderedBy] } })];
  }
  if (readsWindow(object)) return [];
  const why = isOfDatabase(object)
    ? `say "orderedBy: ${cursorField}" in the object, and have an index on it`
    : object.file === undefined
      ? 'nothing in its `list` inserts {window.from}'
      : 'files are read from their beginning';
  return [file.mistake(['source', 'incremental'], `${name} is listed whole each time: ${why}`, { at: 'key', severity: 'warning' })];
}

function checkTarget({ file }: Page, { target }: Sync, found: FoundObject | undefined): Mistake[] {
  const mistakes: Mistake[] = [];
  const mode = modeOf(target);
  if (found?.object.file !== undefined) {
    return [file.mistake(['target', 'object'], `${target.object} is a file, and files are read only: write to a table (connector: sqlite is a file, too)`)];
  }
  if (found?.object.query !== undefined)
    return [file.mistake(['target', 'object'], `${target.object} is a query, which can only be read: write to a \`table\``)];
  const lacking = found === undefined ? undefined : lackingEndpoints(mode, found);
  if (lacking !== undefined) {
    mistakes.push(file.mistake(['target', 'object'], `${target.object} cannot be written in mode ${mode}: it needs ${lacking}`));
  } else if (found !== undefined && !found.has('upsert') && !found.has('search')) {
    const message = `${target.object} has no \`search\`: what is there already cannot be found, and would be created again`;
    mistakes.push(file.mistake(['target', 'object'], message, { severity: 'warning' }));
  }
  if (target.bulk === true && found !== undefined && CHANGE_KINDS.every((kind) => found.object[kind]?.bulk === undefined))
    mistakes.push(file.mistake(['target', 'bulk'], `${target.object} is not written by jobs: its connector has no \`bulk\``));
  if (target.matchOn === UNNAMED) return mistakes;
  const match = matchFields(target.matchOn);
  const unmapped = match.find((name) => file.valueAt(['mapping', name]) === undefined);
  if (unmapped !== undefined) {
    const known = Object.keys(Object(file.valueAt(['mapping'])));
    const message = `"${unmapped}" is not in the mapping, so no record could be matched`;
    return [...mistakes, file.mistake(['target', 'matchOn'], message, { meant: { name: unmapped, known } })];
  }
  if (match.length > 1 && found !== undefined && found.object.table === undefined) {
    return [...mistakes, file.mistake(['target', 'matchOn'], `${target.object} is matched on one field: several are for tables of a database`)];
  }
  const unique = found?.object.unique;
  if (unique === undefined || unique.includes(target.matchOn)) return mistakes;
  const message = `${target.object} can be matched on ${unique.join(', ')}; any other field must have been made unique in the account`;
  return [...mistakes, file.mistake(['target', 'matchOn'], message, { severity: 'warning', meant: { name: target.matchOn, known: unique } })];
}

function checkReconcile({ rule, file, path, lead }: Ruling<Sync['reconcile']>, { target }: Sync, found: FoundObject | undefined): Mistake[] {
  const mistakes = checkPositive(file, [...path, 'every']);
  if (rule === undefined || found === undefined) return mistakes;
  const elsewhere = lead === '' ? '' : '; write `reconcile` in the syncs that can be compared, and not in `defaults`';
  if (rule.compare === 'counts') {
    const what = found.has('list') ? undefined : `${lead}${target.object} has no \`list\`: what is there cannot be counted${elsewhere}`;
    const isIdle = rule.sample !== undefined || rule.repair === true;
    if (what !== undefined) return [...mistakes, file.mistake([...path, 'compare'], what)];
    const idle = 'counts tell of no record: `sample` and `repair` do nothing beside it';
    return isIdle ? [...mistakes, file.mistake([...path, 'compare'], idle, { severity: 'warning' })] : mistakes;
  }
  if (found.has('search')) return mistakes;
  return [...mistakes, file.mistake(path, `${lead}${target.object} has no \`search\`: what is there cannot be compared${elsewhere}`, { at: 'key' })];
}

/** What an object must offer for a mode; undefined where it does. */
function lackingEndpoints(mode: SyncMode, found: FoundObject): string | undefined {
  const canUpsert = found.has('upsert') || (found.has('create') && found.has('update'));
  switch (mode) {
    case 'upsert':
      return canUpsert ? undefined : '`upsert`, or `create` and `update`';
    case 'mirror':
      return canUpsert && found.has('delete') ? undefined : '`delete`, and `upsert`, or `create` and `update`';
    case 'archive':
      return canUpsert && found.has('update') ? undefined : '`update`, and `upsert` or `create`';
    case 'insert':
      return found.has('create') && found.has('search') ? undefined : '`create`, and `search` to find what is there already';
    case 'update':
      return (found.has('update') || found.has('upsert')) && found.has('search') ? undefined : '`search`, and `update` or `upsert`';
    default:
      return assertNever(mode);
  }
}
