/** Of which project, on which profile. */
export interface ProjectRef {
  readonly project: string;
  readonly profile: string;
}

/** Which sync, of which project, on which profile: `acme/dev/contacts-to-hubspot`. */
export interface SyncRef extends ProjectRef {
  readonly sync: string;
}

/** The one string form of a SyncRef, used in ledger rows and Temporal ids. */
export function syncScope(ref: SyncRef): string {
  return `${ref.project}/${ref.profile}/${ref.sync}`;
}

/** Parses what `syncScope` wrote. */
export function parseSyncScope(scope: string): SyncRef {
  const [project, profile, sync] = scope.split('/');
  if (project === undefined || profile === undefined || sync === undefined) throw new Error(`not a sync scope: ${scope}`);
  return { project, profile, sync };
}

/** The workflow id of a sync's live run. The id is the lock: Temporal runs at most one at a time. */
export function syncWorkflowId(ref: SyncRef): string {
  return `sync/${syncScope(ref)}`;
}

/** The sync that a workflow works for, whichever kind it is; undefined where it works for several. */
export function syncOfWorkflow(workflowId: string): string | undefined {
  const [kind, , , sync] = workflowId.split('/');
  // Temporal appends the time to what a schedule starts.
  return kind === 'scheduled' ? sync?.replace(/-\d{4}-\d\d-\d\dT[\d:.]+Z$/, '') : sync;
}

/** The Temporal schedule of a sync. */
export function scheduleId(ref: SyncRef): string {
  return `${schedulePrefix(ref.project, ref.profile)}${ref.sync}`;
}

export function schedulePrefix(project: string, profile: string): string {
  return `schedule/${project}/${profile}/`;
}

/** What a schedule starts; Temporal appends the time. */
export function scheduledWorkflowId(ref: SyncRef): string {
  return `scheduled/${syncScope(ref)}`;
}

/** The workflow id of a backfill: one at a time of each sync. */
export function backfillWorkflowId(ref: SyncRef): string {
  return `backfill/${syncScope(ref)}`;
}

/** The workflow id of the run of one window, beside the sync's live run. @param from where the window begins */
export function windowWorkflowId(ref: SyncRef, from: string): string {
  return `${backfillWorkflowId(ref)}/${from}`;
}

/** The workflow id of what syncs the records that deliveries name, beside the sync's live run. */
export function eventsWorkflowId(ref: SyncRef): string {
  return `events/${syncScope(ref)}`;
}

/** What the schedule starts that wakes every sync with open events; Temporal appends the time. */
export function wakeWorkflowId(project: string, profile: string): string {
  return `wake/${project}/${profile}`;
}

/** The workflow id of what sends the results of a run. */
export function resultsWorkflowId(ref: SyncRef, runId: string): string {
  return `results/${syncScope(ref)}/${runId}`;
}

/** The workflow id of a comparison of a sync's target with what was written there. */
export function reconcileWorkflowId(ref: SyncRef): string {
  return `reconcile/${syncScope(ref)}`;
}

/** The workflow id of a run of all syncs of a project on a profile. */
export function graphWorkflowId(project: string, profile: string): string {
  return `graph/${project}/${profile}`;
}

/** The workflow that sends the alerts of a project on a profile: one at a time, so that nothing is sent by two. */
export function alertsWorkflowId(project: string, profile: string): string {
  return `alerts/${project}/${profile}`;
}

/** The schedule that looks at a project's alert rules without a run, and what it starts; Temporal appends the time to the latter. */
export function watchId(project: string, profile: string): string {
  return `watch/${project}/${profile}`;
}

/** Of all syncs of a project on a profile, in the ledger. */
export function projectScope({ project, profile }: ProjectRef): string {
  return `${project}/${profile}/`;
}

/** The account a connection stands for: `acme/dev/hubspot`. Limits and in-flight records belong to it. */
export function accountScope(project: string, profile: string, connection: string): string {
  return `${project}/${profile}/${connection}`;
}

/** Task queues of one project and profile: workflows, and one for each kind of activity slot. */
export interface TaskQueues {
  readonly workflows: string;
  readonly bookkeeping: string;
  readonly reading: string;
  readonly writing: string;
}

/** @param queue that a connection has of its own: for reading and writing only */
export function taskQueues(project: string, profile: string, queue?: string): TaskQueues {
  const base = `syncline/${project}/${profile}`;
  const activities = queue === undefined ? base : `${base}/${queue}`;
  return { workflows: base, bookkeeping: base, reading: `${activities}/reading`, writing: `${activities}/writing` };
}

/** The Temporal deployment whose builds are the workers of one project and profile, unless SYNCLINE_DEPLOYMENT names another: the name of their task queue. */
export function deploymentName(project: string, profile: string): string {
  return taskQueues(project, profile).workflows;
}

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A run id: `r_` and ten characters, the first seven ordered by time (seconds, until the year 3058), three random.
 * @param nowMs milliseconds since the epoch
 * @param random a function like `Math.random`
 */
export function makeRunId(nowMs: number, random: () => number): string {
  return `r_${ordered(nowMs, random)}`;
}

/** The id of a reconciliation: `d_`, and as in a run's. */
export function makeReconciliationId(nowMs: number, random: () => number): string {
  return `d_${ordered(nowMs, random)}`;
}

/** The id of the reconciliation that a run ends with. */
export function reconciliationIdOf(runId: string): string {
  return `d_${runId.slice(2)}`;
}

/** The run that ends with a reconciliation; of one that stands by itself the id of no run. */
export function runIdOf(reconciliationId: string): string {
  return `r_${reconciliationId.slice(2)}`;
}

function ordered(nowMs: number, random: () => number): string {
  let seconds = Math.floor(nowMs / 1000);
  let time = '';
  for (let i = 0; i < 7; i++) {
    time = CROCKFORD[seconds % 32] + time;
    seconds = Math.floor(seconds / 32);
  }
  let tail = '';
  for (let i = 0; i < 3; i++) tail += CROCKFORD[Math.floor(random() * 32)];
  return `${time}${tail}`;
}

/** A batch id, also its idempotency key: unique, beside those of its run. */
export function makeBatchId(runId: string, random: () => number): string {
  let tail = '';
  for (let i = 0; i < 10; i++) tail += CROCKFORD[Math.floor(random() * 32)];
  return `${batchIdBeginning(runId)}${tail}`;
}

/** The bounds between which all batch ids of a run are, byte by byte: `from` included, `to` not. */
export function batchIdRange(runId: string): { readonly from: string; readonly to: string } {
  const from = batchIdBeginning(runId);
  return { from, to: `${from.slice(0, -1)}${String.fromCodePoint(0x60)}` };
}

/** Ends with `_`, and what is sorted right behind that is a backtick. */
function batchIdBeginning(runId: string): string {
  return `b_${runId.slice(2)}_`;
}
