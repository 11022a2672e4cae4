import type { Source } from '../connectors/ports.ts';
import { readsWindow } from '../definition/reads-window.ts';
import { parseDuration } from '../engine/duration.ts';
import { planSlices, type Slice } from '../engine/slices.ts';
import type { Window } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { PageReader } from './read-page.ts';
import { type RestartingOptions, RestartingReader } from './restarting-reader.ts';
import type { RunContext } from './run-context.ts';
import { SlicedReader } from './sliced-reader.ts';

/** The source object's list within a window: in slices side by side where the sync says so, read again where the API forgets its place in it. */
export function openListReader(dependencies: ActivityDependencies, context: RunContext, source: Source, window: Window): PageReader {
  const { slices, incremental } = context.definition.sync.source;
  const isOfWindow = slices?.by === 'window' && incremental !== undefined && (slices.field ?? incremental.cursorField) === incremental.cursorField;
  const openSlice = (slice: Slice | undefined): PageReader =>
    new RestartingReader({
      readPage: ({ from, cursor, signal }) => source.readPage({ ...place(window, slice, isOfWindow, from), cursor, signal }),
      order: orderOf(context),
      onRestart: (reason) => dependencies.log.warn({ runId: context.run.id, reason }, 'the source forgot its paging cursor: reading again'),
    });
  // What an incremental read finds is little, and anywhere among the ids.
  if (slices === undefined || (window.from !== undefined && !isOfWindow && slices.by !== 'list')) return openSlice(undefined);
  return new SlicedReader({
    parallel: context.run.options.limit === undefined ? slices.parallel : 1,
    plan: (until) => planSlices(slices, { windowFrom: window.from, isOfWindow, until }),
    openSlice,
    now: dependencies.now,
  });
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
function orderOf({ definition, cursorField }: RunContext): RestartingOptions['order'] {
  const { connection, object, incremental } = definition.sync.source;
  const described = definition.connections[connection]?.objects[object];
  if (cursorField === undefined || incremental === undefined || described?.list === undefined) return undefined;
  const isOrdered = described.orderedBy === incremental.cursorField && readsWindow(described.list);
  return isOrdered ? { field: cursorField, lookbackMs: parseDuration(incremental.lookback) ?? 0 } : undefined;
}
