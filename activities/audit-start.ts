import { syncScope } from '../engine/ids.ts';
import type { RunTrigger } from '../engine/run.ts';
import type { Run } from '../ledger/ledger.ts';
import type { PlanRunInput, RunPlan } from './activities.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Runs that no person's command has started, and so none has written down. */
const STARTED_HERE: ReadonlySet<RunTrigger> = new Set(['schedule', 'graph', 'references']);
/** How far to look back for the run before. */
const RUNS = 20;

/** Writes into the audit log that a run was started by a schedule or another run, and that it uses another definition than the run before. Each once, however often it is called. */
export async function auditStart(
  { ledger, actor, now }: ActivityDependencies,
  { ref, runId, trigger }: PlanRunInput,
  { definitionHash }: RunPlan,
): Promise<void> {
  const entry = { ...actor, at: now(), sync: ref.sync, runId };
  if (STARTED_HERE.has(trigger)) {
    const way = trigger === 'schedule' ? 'schedule' : 'worker';
    await ledger.appendAudit({ ...entry, way, action: 'run.started', details: { trigger } }, { isOncePerRun: true });
  }
  const before = runBefore(await ledger.listRuns(syncScope(ref), RUNS), runId);
  if (before?.definitionHash === undefined || before.definitionHash === definitionHash) return;
  const details = { from: before.definitionHash, to: definitionHash, since: before.id };
  await ledger.appendAudit({ ...entry, action: 'definition.changed', details }, { isOncePerRun: true });
}

/** The one before that used a definition. @param runs newest first */
function runBefore(runs: readonly Run[], runId: string): Run | undefined {
  const own = runs.findIndex(({ id }) => id === runId);
  return own === -1 ? undefined : runs.slice(own + 1).find((run) => run.definitionHash !== undefined);
}
