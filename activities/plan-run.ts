import { Context } from '@temporalio/activity';
import { z } from 'zod';
import { keptTimes } from '../definition/kept-changes.ts';
import type { ResolvedSync } from '../definition/resolved.ts';
import { settleOf } from '../definition/settle-of.ts';
import { modeOf, takesAway } from '../definition/sync-mode.ts';
import { parseDuration } from '../engine/duration.ts';
import { SyncError } from '../engine/errors.ts';
import { reconciliationIdOf, syncScope, syncWorkflowId } from '../engine/ids.ts';
import { leftBy } from '../engine/repairs.ts';
import { isAside } from '../engine/run.ts';
import { slotPriority } from '../engine/slot-priority.ts';
import { readWindow } from '../engine/window.ts';
import type { Run, RunOptions, Window } from '../ledger/ledger.ts';
import type { PlanRunInput, RunPlan } from './activities.ts';
import { closeDeadWindows } from './dead-windows.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { openLiveContext } from './run-context.ts';
import { runOptions } from './run-options.ts';
import { runQueues } from './run-queues.ts';

/** A run of events that gets no more of them ends after so many times the pause that a record's have: a run for each would fill the list of runs. */
const LINGER_PER_SETTLE = 15;

/** Freezes the definition and opens the run; see `Activities.planRun`. */
export async function planRun(dependencies: ActivityDependencies, input: PlanRunInput): Promise<RunPlan> {
  const { ledger, now } = dependencies;
  const requested = await ledger.readRun(input.runId);
  // The definition of a run never changes under it: a repetition, and a later execution of the same run, use the frozen one.
  if (requested?.definitionHash !== undefined) {
    const { definition } = await openLiveContext(dependencies, input.runId);
    return planOf(dependencies, definition, requested);
  }
  const { definition, hash } = await readDefinition(dependencies, input);
  refuseUnasked(definition, input);
  const scope = syncScope(input.ref);
  const options = requested?.options ?? runOptions(input);
  if (requested === undefined) await ledger.requestRun({ id: input.runId, scope, trigger: input.trigger, options, at: now() });
  await closeDeadWindows(dependencies, scope);
  await ledger.saveDefinition(hash, scope, z.json().parse(JSON.parse(JSON.stringify(definition))), now());
  const run = await ledger.openRun({
    id: input.runId,
    scope,
    definitionHash: hash,
    trigger: input.trigger,
    workflowId: Context.current().info.workflowExecution?.workflowId ?? syncWorkflowId(input.ref),
    firstExecutionRunId: input.firstExecutionRunId,
    window: await chooseWindow(dependencies, scope, definition, options),
    at: now(),
  });
  return planOf(dependencies, definition, run);
}

/** A run of all that there is ends with a comparison, where the last one is long ago. */
async function dueReconciliation({ ledger }: ActivityDependencies, definition: ResolvedSync, run: Run): Promise<Pick<RunPlan, 'reconciliation'>> {
  const { ref, reconcile, sync } = definition;
  if (reconcile === undefined || isAside(run.options)) return {};
  const last = await ledger.readReconciliation(syncScope(ref));
  if (last !== undefined && (run.startedAt ?? run.requestedAt) - last.startedAt < reconcile.everyMs) return {};
  const { samplePercent, isOfCounts, repair } = reconcile;
  const leaves = leftBy(modeOf(sync.target));
  const how = {
    repair,
    ...(leaves === undefined ? {} : { leaves }),
    ...(samplePercent === undefined ? {} : { samplePercent }),
    ...(isOfCounts ? { isOfCounts } : {}),
  };
  const queue = runQueues(definition).queues?.target;
  return { reconciliation: { id: reconciliationIdOf(run.id), ...how, ...(queue === undefined ? {} : { queue }) } };
}

async function planOf(dependencies: ActivityDependencies, definition: ResolvedSync, run: Run): Promise<RunPlan> {
  const { source, target, lookups } = definition.sync;
  return {
    definitionHash: run.definitionHash ?? '',
    hasLookups: Object.keys(lookups).length > 0,
    takesAway: takesAway(target),
    ...(await dueReconciliation(dependencies, definition, run)),
    maxSegmentsPerExecution: definition.maxSegmentsPerExecution,
    ...(run.options.events === true ? { lingerMs: settleOf(definition) * LINGER_PER_SETTLE } : {}),
    ...runQueues(definition),
    slots: slotPriority(definition.ref, definition.priority, { isBackfill: run.options.window !== undefined }),
    heartbeatTimeoutMs: dependencies.heartbeatTimeoutMs,
    source: `${source.connection} ${source.object}`,
    target: `${target.connection} ${target.object}`,
  };
}

async function readDefinition(dependencies: ActivityDependencies, input: PlanRunInput): Promise<{ definition: ResolvedSync; hash: string }> {
  const loaded = await dependencies.loadSync(input.ref.sync);
  const { definitionHash } = input;
  if (definitionHash !== undefined && definitionHash !== loaded.hash && input.useWorkerVersion !== true) {
    throw new SyncError({
      code: 'DEFINITION_STALE',
      retry: 'never',
      message: `The worker has another version of ${input.ref.sync}: is it running on another folder? Point it at this project, or pass --use-worker-version.`,
    });
  }
  return loaded;
}

/** Events of a sync whose definition has lost them stay open until it has them again. */
function refuseUnasked({ ref, sync }: ResolvedSync, { options }: PlanRunInput): void {
  if (options?.events !== true || sync.source.events !== undefined) return;
  const message = `Events are open for ${ref.sync}, and its definition has no \`source.events\`: add it again, and they are done.`;
  throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
}

async function chooseWindow(dependencies: ActivityDependencies, scope: string, definition: ResolvedSync, options: RunOptions): Promise<Window> {
  if (options.plan !== undefined) return options.plan;
  if (options.window !== undefined) return options.window;
  const { incremental, fullRead } = definition.sync.source;
  if (incremental === undefined || options.keys !== undefined || options.retry === true || options.adopt === true || options.events === true) return {};
  const watermark = await dependencies.ledger.readWatermark(scope);
  const kept = keptTimes(definition);
  const { from, isForgotten } = readWindow({
    watermark: watermark?.value,
    lookbackMs: parseDuration(incremental.lookback) ?? 0,
    fullReadEveryMs: fullRead === undefined ? undefined : parseDuration(fullRead.every),
    lastFullReadAt: watermark?.fullReadAt,
    ...kept,
    lastReadAt: watermark?.savedAt,
    now: dependencies.now(),
    forceFull: options.full === true,
  });
  if (isForgotten === true)
    dependencies.log.warn(
      { scope, watermark: watermark?.value, ...kept },
      'the source keeps changes or deletes for a shorter time than it was not read: reading everything',
    );
  return from === undefined ? {} : { from };
}
