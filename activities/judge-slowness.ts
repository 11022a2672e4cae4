import { type AlertRule, SLOW_AT_LEAST, wentWell } from '../engine/alerts.ts';
import { parseDuration, shownDuration } from '../engine/duration.ts';
import { syncScope } from '../engine/ids.ts';
import { isAside } from '../engine/run.ts';
import { type DeleteGuard, passedGuard } from '../engine/sweep.ts';
import type { Run } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { AlertSubject, Finding } from './judge-standing.ts';

const USUAL_RUNS = 10;
const RUNS_LOOKED_AT = 150;
const LIVE_LOOKED_AT = 5;
const ENTRIES_LOOKED_AT = 200;
const STAYS: Finding = { verdict: 'stays' };

/**
 * Judges that the run that has ended, or that is alive, takes several times what is usual: the median of the last ones of its kind (all that there is, or what is new) that went well.
 * Time in which it waited for a person tells nothing. Only the end of a run that was not slow ends it.
 */
export async function judgeSlowness(dependencies: ActivityDependencies, rule: AlertRule, { definition, at, ended }: AlertSubject): Promise<Finding> {
  const scope = syncScope(definition.ref);
  const run = ended ?? (await findLive(dependencies, scope));
  if (run?.startedAt === undefined || (ended !== undefined && wentWell(ended.state) === undefined)) return STAYS;
  const otherwise: Finding = ended !== undefined && wentWell(ended.state) === true ? { verdict: 'closes' } : STAYS;
  const tookMs = (run.endedAt ?? at) - run.startedAt;
  if (tookMs <= (parseDuration(rule.atLeast ?? SLOW_AT_LEAST) ?? 0)) return otherwise;
  if (run.state === 'paused' || (await hasWaited(dependencies, definition.ref, run, definition.deleteGuard))) return STAYS;
  const usual = await usualMs(dependencies, run, definition.deleteGuard, rule.runs ?? USUAL_RUNS);
  if (usual === undefined) return STAYS;
  if (tookMs <= usual.medianMs * Number.parseFloat(rule.by ?? '2')) return otherwise;
  const took = `${run.endedAt === undefined ? 'takes' : 'took'} ${shownDuration(tookMs)}${run.endedAt === undefined ? ' by now' : ''}`;
  const what = `Its run ${took}; usual is ${shownDuration(usual.medianMs)} (the median of the last ${usual.runs} like it).`;
  return { verdict: 'opens', what, runId: run.id };
}

async function findLive({ ledger }: ActivityDependencies, scope: string): Promise<Run | undefined> {
  const runs = await ledger.listRuns(scope, LIVE_LOOKED_AT, 'live');
  return runs.find(({ startedAt, endedAt, options }) => startedAt !== undefined && endedAt === undefined && !isAside(options));
}

/** For a person: to decide about its deletes, or to resume it. */
async function hasWaited(
  { ledger }: ActivityDependencies,
  ref: { readonly project: string; readonly profile: string; readonly sync: string },
  run: Run,
  guard: DeleteGuard,
) {
  if (asked(run, guard)) return true;
  const { project, profile, sync } = ref;
  const entries = await ledger.listAudit({ project, profile, sync, limit: ENTRIES_LOOKED_AT });
  return entries.some(({ action, runId }) => action === 'run.paused' && runId === run.id);
}

function asked({ sweep }: Run, guard: DeleteGuard): boolean {
  return sweep !== undefined && (sweep.state === 'waiting' || passedGuard(sweep, guard) !== undefined);
}

async function usualMs({ ledger }: ActivityDependencies, run: Run, guard: DeleteGuard, count: number) {
  const isFull = ({ window }: Run) => window.from === undefined;
  const like = (await ledger.listRuns(run.scope, RUNS_LOOKED_AT, 'live'))
    .filter((other) => other.id !== run.id && other.requestedAt <= run.requestedAt && isFull(other) === isFull(run))
    .filter((other) => wentWell(other.state) === true && !isAside(other.options) && !asked(other, guard))
    .flatMap(({ startedAt, endedAt }) => (startedAt === undefined || endedAt === undefined ? [] : [endedAt - startedAt]))
    .slice(0, count)
    .toSorted((one, other) => one - other);
  if (like.length < count) return undefined;
  return { medianMs: ((like[Math.floor((count - 1) / 2)] ?? 0) + (like[Math.ceil((count - 1) / 2)] ?? 0)) / 2, runs: count };
}
