import { SyncError } from '../engine/errors.ts';
import { syncScope } from '../engine/ids.ts';
import type { Activities } from './activities.ts';
import { auditStart } from './audit-start.ts';
import { ComparingBudget } from './comparing-budget.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { fetchLookups } from './fetch-lookups.ts';
import { findTickWindow } from './find-tick-window.ts';
import { Handover } from './handover.ts';
import { judgeSchedule } from './judge-schedule.ts';
import { ListPlaces } from './list-places.ts';
import { notify } from './notify.ts';
import { pageSource } from './page-source.ts';
import { planGraph } from './plan-graph.ts';
import { planRun } from './plan-run.ts';
import { reconcile } from './reconcile.ts';
import { sendAlerts } from './send-alerts.ts';
import { sendResults } from './send-results.ts';
import { settleRun } from './settle-run.ts';
import { stageRepairs } from './stage-repairs.ts';
import { sweepDeletes } from './sweep-deletes.ts';
import { wakeSyncs } from './wake-syncs.ts';
import { watchAlerts } from './watch-alerts.ts';
import { writeBatches } from './write-batches.ts';

function notYet(runId: string): SyncError {
  return new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'backoff', message: `The ledger does not know run ${runId} yet.` });
}

/** Every durable step, bound to what the worker host gives. */
export function createActivities(dependencies: ActivityDependencies): Activities {
  const { ledger } = dependencies;
  const budget = new ComparingBudget();
  const handover = new Handover();
  const places = new ListPlaces();
  return {
    planRun: async (input) => {
      const plan = await planRun(dependencies, input);
      await auditStart(dependencies, input, plan);
      return plan;
    },
    fetchLookups: (input) => fetchLookups(dependencies, places, input),
    pageSource: (input) => pageSource(dependencies, handover, input),
    writeBatches: (input) => writeBatches(dependencies, handover, input),
    sweepDeletes: (input) => sweepDeletes(dependencies, input),
    denyDeletes: async ({ runId }) => void (await ledger.noteSweep(runId, { state: 'denied' })),
    reconcile: (input) => reconcile(dependencies, { budget, places }, input),
    stageRepairs: (input) => stageRepairs(dependencies, input),
    planGraph: (input) => planGraph(dependencies, input),
    countReferences: ({ project, profile, syncs }) =>
      Promise.all(syncs.map(async (sync) => ({ sync, ...(await ledger.countAwaited(syncScope({ project, profile, sync }))) }))),
    judgeSchedule: (input) => judgeSchedule(dependencies, input),
    findTickWindow: (input) => findTickWindow(dependencies, input),
    abortSegment: ({ runId, segment }) => ledger.abortSegment(runId, segment),
    adjustRun: async ({ runId, control }) => {
      // Its plan is being made, and writes it down.
      if ((await ledger.readRun(runId)) === undefined) throw notYet(runId);
      return ledger.adjustRun(runId, control);
    },
    wakeSyncs: (input) => wakeSyncs(dependencies, input),
    settleRun: (input) => settleRun(dependencies, input),
    sendResults: (input) => sendResults(dependencies, input),
    notify: (input) => notify(dependencies, input),
    watchAlerts: (input) => watchAlerts(dependencies, input),
    sendAlerts: (input) => sendAlerts(dependencies, input),
  };
}
