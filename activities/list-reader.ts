import type { Source, SourceRecord } from '../connectors/ports.ts';
import { listInsertions } from '../definition/list-insertions.ts';
import { offers } from '../definition/offered.ts';
import { readsWindow } from '../definition/reads-window.ts';
import type { ResolvedSync } from '../definition/resolved.ts';
import { cursorText, justBefore } from '../engine/cursor-value.ts';
import { parseDuration } from '../engine/duration.ts';
import { compileExpression, evaluateOrNothing } from '../engine/expression.ts';
import { planSlices, type Slice } from '../engine/slices.ts';
import type { Window } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { PageMemory } from './page-memory.ts';
import type { PageReader } from './read-page.ts';
import { type RestartingOptions, RestartingReader } from './restarting-reader.ts';
import type { RunContext } from './run-context.ts';
import { SliceGuard, type SliceGuardOptions } from './slice-guard.ts';
import { SlicedReader } from './sliced-reader.ts';
import { WholeReader } from './whole-reader.ts';
import { WindowGuard } from './window-guard.ts';

type Slices = NonNullable<ResolvedSync['sync']['source']['slices']>;

/** The source object's list within a window: in slices side by side where the sync says so, read again where the API forgets its place in it. */
export function openListReader(dependencies: ActivityDependencies, context: RunContext, source: Source, window: Window, memory: PageMemory): PageReader {
  const { window: only } = context.run.options;
  if (only === undefined) return openParts(dependencies, context, source, window, memory);
  // What is equal to a bound an API may leave out.
  const list = openParts(dependencies, context, source, { from: justBefore(only.from), to: only.to }, memory);
  const { cursorField } = context;
  const placeOf = async ({ fields }: SourceRecord) => cursorText(await evaluateOrNothing(cursorField, fields));
  return new WindowGuard(list, { window: only, placeOf, isOrdered: orderOf(context) !== undefined });
}

function openParts(dependencies: ActivityDependencies, context: RunContext, source: Source, window: Window, memory: PageMemory): PageReader {
  const { slices, incremental } = context.definition.sync.source;
  const isOfWindow = slices?.by === 'window' && incremental !== undefined && (slices.field ?? incremental.cursorField) === incremental.cursorField;
  // A backfill may go further back than changes are kept.
  const changes = window.from !== undefined && context.run.options.window === undefined;
  const openList = (slice: Slice | undefined): PageReader =>
    new RestartingReader({
      readPage: ({ from, cursor, signal, isAnew }) =>
        memory.read(source, { ...place(window, slice, isOfWindow, from), ...(changes ? { changes } : {}), cursor, signal }, isAnew),
      order: orderOf(context),
      onRestart: (reason) => dependencies.log.warn({ runId: context.run.id, reason }, 'the source forgot its paging cursor: reading again'),
    });
  if (window.to !== undefined && slices?.by !== 'list') return openList(isOfWindow ? window : undefined);
  // The list of changes is one.
  if (changes && describedObject(context)?.changes !== undefined) return openList(undefined);
  // What an incremental read finds is little, and anywhere among the ids.
  if (slices === undefined || (window.from !== undefined && !isOfWindow && slices.by !== 'list')) return openList(undefined);
  const { connection, object } = context.definition.sync.source;
  const placeOf = compilePlace(context, slices);
  const sliced = new SlicedReader({
    parallel: context.run.options.limit === undefined ? slices.parallel : 1,
    plan: (until) => planSlices(slices, { windowFrom: window.from, isOfWindow, isWhole: describedObject(context)?.list?.whole !== undefined, until }),
    openSlice: (slice, belonging) => new SliceGuard(openList(slice), { object: `${connection} ${object}`, slice, placeOf, belonging }),
    now: dependencies.now,
  });
  if (!canTellWhole(context)) return sliced;
  const onMissing = (missing: number) =>
    dependencies.log.warn({ runId: context.run.id, missing }, 'the slices hold fewer records than the list announces: reading the list as a whole, too');
  return new WholeReader({ slices: sliced, list: openList(undefined), onMissing });
}

/** A record's time or id. */
function compilePlace({ cursorField }: RunContext, slices: Slices): SliceGuardOptions['placeOf'] {
  if (slices.by === 'ids') return (record) => record.key;
  const field = slices.by === 'window' && slices.field !== undefined ? compileExpression(slices.field) : cursorField;
  if (slices.by === 'list' || field === undefined) return () => undefined;
  return async ({ fields }) => cursorText(await evaluateOrNothing(field, fields));
}

/** Whether the list can be asked for without a slice, and then says how many records it has. */
function canTellWhole(context: RunContext): boolean {
  const list = describedObject(context)?.list;
  if (list === undefined || !('total' in list.page) || list.page.total === undefined || context.run.options.limit !== undefined) return false;
  return listInsertions(list)?.needed.every(({ name }) => !name.startsWith('slice.')) ?? false;
}

function describedObject({ definition }: RunContext): ResolvedSync['connections'][string]['objects'][string] | undefined {
  const { connection, object } = definition.sync.source;
  return definition.connections[connection]?.objects[object];
}

/** @param from where a list is read again from the middle */
function place(
  window: Window,
  slice: Slice | undefined,
  isOfWindow: boolean,
  from: string | undefined,
): Pick<Parameters<Source['readPage']>[0], 'window' | 'slice'> {
  const start = from === undefined ? {} : { from };
  if (slice === undefined) return { window: { ...window, ...start } };
  if (!isOfWindow) return { window: { ...window, ...start }, slice };
  const part = { ...slice, ...start };
  const { from: first, to } = part;
  return { window: { ...(first === undefined ? {} : { from: String(first) }), ...(to === undefined ? {} : { to: String(to) }) }, slice: part };
}

/** A list that is ordered by the incremental field and takes a window can be read again from where it was. */
function orderOf(context: RunContext): RestartingOptions['order'] {
  const { definition, cursorField } = context;
  const { incremental } = definition.sync.source;
  const described = describedObject(context);
  if (cursorField === undefined || incremental === undefined || described === undefined || !offers(described, 'list')) return undefined;
  // The lists of several parents are each ordered for itself; changes have an order of their own.
  const isOne = described.list?.parents === undefined && described.changes === undefined;
  const isOrdered = described.orderedBy === incremental.cursorField && isOne && readsWindow(described);
  return isOrdered ? { field: cursorField, lookbackMs: parseDuration(incremental.lookback) ?? 0 } : undefined;
}
