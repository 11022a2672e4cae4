import type { ResolvedSync } from '../definition/resolved.ts';
import type { AlertRule, AlertVerdict, StandingAlertEvent } from '../engine/alerts.ts';
import { wentWell } from '../engine/alerts.ts';
import { assertNever } from '../engine/assert-never.ts';
import { parseDuration } from '../engine/duration.ts';
import { syncScope } from '../engine/ids.ts';
import { shownTime } from '../engine/notice.ts';
import { fewerThanTold } from '../engine/reconcile.ts';
import type { Reconciliation } from '../ledger/drift-store.ts';
import type { Run } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { judgeExpiry } from './judge-expiry.ts';
import { judgeNoSuccess } from './judge-no-success.ts';
import { judgeQuota } from './judge-quota.ts';
import { judgeSlowness } from './judge-slowness.ts';

/** What was found of a rule. */
export interface Finding {
  readonly verdict: AlertVerdict;
  /** With `opens`: in a sentence without record values. */
  readonly what?: string;
  /** The run that it is about. */
  readonly runId?: string;
}

/** What a rule is judged of. */
export interface AlertSubject {
  readonly definition: ResolvedSync;
  readonly at: number;
  /** The run that has just ended; absent where none has. */
  readonly ended?: Run;
}

export type StandingRule = AlertRule & { readonly on: StandingAlertEvent };

const RUNS_LOOKED_AT = 5;
const STAYS: Finding = { verdict: 'stays' };
const CLOSES: Finding = { verdict: 'closes' };

/** Judges what is so, or is not, whether or not a run ends. */
export async function judgeStanding(dependencies: ActivityDependencies, rule: StandingRule, subject: AlertSubject): Promise<Finding> {
  const scope = syncScope(subject.definition.ref);
  switch (rule.on) {
    case 'drift-found':
      return judgeDrift(dependencies, scope, subject.ended);
    case 'unknown-waiting':
      return judgeUnknown(dependencies, scope, subject.definition.ref.sync);
    case 'deletes-waiting':
      return judgeDeletes(dependencies, scope);
    case 'events-waiting':
      return judgeEvents(dependencies, rule, scope, subject.at);
    case 'slower-than-usual':
      return judgeSlowness(dependencies, rule, subject);
    case 'quota-nearly-spent':
      return judgeQuota(dependencies, rule, subject);
    case 'credentials-expiring':
      return judgeExpiry(dependencies, rule, subject);
    case 'no-success':
      return judgeNoSuccess(dependencies, rule, subject);
    default:
      return assertNever(rule.on);
  }
}

/** Only a run that goes well tells that there is none any more. */
async function judgeDrift({ ledger }: ActivityDependencies, scope: string, ended: Run | undefined): Promise<Finding> {
  const isThere = ended?.failure?.code === 'SCHEMA_DRIFT' || (await ledger.readOpenDrift(scope)).length > 0 || isOff(await ledger.readReconciliation(scope));
  const what = 'Fields of its source, or records in its target, are not as they were.';
  if (isThere) return ended !== undefined && wentWell(ended.state) === undefined ? STAYS : { verdict: 'opens', what };
  return ended !== undefined && wentWell(ended.state) === true ? CLOSES : STAYS;
}

/** The latest comparison found records that are not in the target as they should be. */
function isOff(reconciliation: Reconciliation | undefined): boolean {
  if (reconciliation === undefined) return false;
  const { found, counts } = reconciliation;
  return found.missing + found.changed + found.duplicated + found.stale + (counts === undefined ? 0 : fewerThanTold(counts)) > 0;
}

async function judgeUnknown({ ledger }: ActivityDependencies, scope: string, sync: string): Promise<Finding> {
  const waits = (await ledger.listUnknown(scope, { limit: 1 })).length > 0;
  return waits ? { verdict: 'opens', what: `Writes whose answers were lost wait for somebody to decide (syncline unknown list ${sync}).` } : CLOSES;
}

async function judgeDeletes({ ledger }: ActivityDependencies, scope: string): Promise<Finding> {
  const runs = [...(await ledger.listRuns(scope, RUNS_LOOKED_AT, 'live')), ...(await ledger.listOpenWindows(scope))];
  const waiting = runs.find(({ sweep, endedAt }) => sweep?.state === 'waiting' && endedAt === undefined);
  if (waiting === undefined) return CLOSES;
  const due = waiting.sweep?.due ?? 0;
  const what = `Its run waits for somebody to decide about ${due} ${due === 1 ? 'delete' : 'deletes'} (syncline deletes approve or deny ${waiting.id}).`;
  return { verdict: 'opens', what, runId: waiting.id };
}

/** Whatever it is that keeps them: a system that is down, runs that fail, no worker, or a person who paused them. */
async function judgeEvents({ ledger }: ActivityDependencies, rule: StandingRule, scope: string, at: number): Promise<Finding> {
  const [events] = await ledger.countOpenEvents(scope);
  if (events === undefined || at - events.oldestAt < (parseDuration(rule.for ?? '') ?? 0)) return CLOSES;
  const { open, oldestAt } = events;
  const what = `${open} ${open === 1 ? 'event' : 'events'} of webhooks ${open === 1 ? 'waits' : 'wait'} to be done, the oldest since ${shownTime(oldestAt)}.`;
  return { verdict: 'opens', what };
}
