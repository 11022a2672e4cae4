import { Context } from '@temporalio/activity';
import type { Page } from '../connectors/ports.ts';
import type { ResolvedSync } from '../definition/resolved.ts';
import { SyncError } from '../engine/errors.ts';
import { compileExpression, type Expression, evaluateOrNothing } from '../engine/expression.ts';
import type { Json } from '../engine/json.ts';
import { normalizeLookupValue } from '../engine/lookup-value.ts';
import type { FetchLookupsInput, LookupsResult } from './activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { budgeted } from './failure-budget.ts';
import { whileBeating } from './heartbeat.ts';
import type { ListPlaces, PlacesOf } from './list-places.ts';
import { readOn } from './read-on.ts';
import { RequestMeter } from './request-meter.ts';
import { openLiveContext, type RunContext } from './run-context.ts';
import { workerDraining } from './stop-signs.ts';

/** Failures of this step are counted apart from those of any segment. */
const OUTSIDE_SEGMENTS = -1;

type LookupRule = ResolvedSync['sync']['lookups'][string];

/** Reads lookup tables; see `Activities.fetchLookups`. A repetition goes on where this process was, or begins anew: entries written twice count once. */
export async function fetchLookups(dependencies: ActivityDependencies, places: ListPlaces, input: FetchLookupsInput): Promise<LookupsResult> {
  const context = await openLiveContext(dependencies, input.runId);
  await dependencies.ledger.setPhase(input.runId, 'lookups');
  const entries: Record<string, number> = {};
  let done = 0;
  try {
    await whileBeating(
      dependencies,
      input.runId,
      () => ({ segment: -1, done }),
      async () => {
        for (const [name, rule] of Object.entries(context.definition.sync.lookups)) {
          if (input.only?.includes(name) === false) continue;
          await fetchLookup(dependencies, context, name, rule, places.of(input.runId), () => (done += 1));
          entries[name] = await dependencies.ledger.countLookupEntries(input.runId, name);
        }
      },
    );
  } catch (error) {
    const failure = await budgeted(dependencies, context, { segment: OUTSIDE_SEGMENTS, side: 'target' }, error);
    if (!(failure instanceof SyncError) || failure.retry === 'never') places.forget(input.runId);
    throw failure;
  }
  places.forget(input.runId);
  return { entries };
}

async function fetchLookup(
  { ledger, draining }: ActivityDependencies,
  context: RunContext,
  name: string,
  rule: LookupRule,
  places: PlacesOf,
  onPage: () => void,
): Promise<void> {
  const meter = new RequestMeter();
  const source = context.openConnection(rule.from.connection).source(rule.from.object, context.samples.observing(meter));
  const [field = 'id'] = Object.keys(rule.where);
  const value = compileExpression(field);
  const id = compileExpression(rule.return);
  try {
    const throwIfStopped = () => {
      if (draining.aborted) throw workerDraining();
    };
    for await (const page of readOn(source, { name, places, signal: Context.current().cancellationSignal, throwIfStopped })) {
      await ledger.addLookupEntries(context.run.id, name, await entriesOf(page, value, id, rule.compare));
      onPage();
    }
  } finally {
    await ledger.addRunCost(context.run.id, meter.take());
  }
}

async function entriesOf(page: Page, value: Expression, id: Expression, compare: LookupRule['compare']): Promise<{ value: string; id: Json }[]> {
  const entries = [];
  for (const record of page.records) {
    const found = await evaluateOrNothing(value, record.fields);
    const target = await evaluateOrNothing(id, record.fields);
    const compared = normalizeLookupValue(found, compare);
    if (compared !== undefined && target !== undefined && target !== null) entries.push({ value: compared, id: target });
  }
  return entries;
}
