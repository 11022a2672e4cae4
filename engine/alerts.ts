import { assertNever } from './assert-never.ts';
import { parseDuration } from './duration.ts';
import type { ErrorCode } from './errors.ts';
import { compileExpression } from './expression.ts';
import { type RunTotals, ZERO_TOTALS } from './outcome.ts';
import type { RunState } from './run.ts';
import { isTruthy } from './truthy.ts';

/** What only the end of a run tells. */
export const RUN_ALERT_EVENTS = ['run-failed', 'run-finished', 'credentials-refused'] as const;
/** What is so, or is not, whether or not a run ends: looked at by the watch, too. */
export const STANDING_ALERT_EVENTS = [
  'drift-found',
  'unknown-waiting',
  'deletes-waiting',
  'events-waiting',
  'no-success',
  'slower-than-usual',
  'quota-nearly-spent',
  'credentials-expiring',
] as const;
/** What a rule may be about. */
export const ALERT_EVENTS = [...RUN_ALERT_EVENTS, ...STANDING_ALERT_EVENTS] as const;
export type AlertEvent = (typeof ALERT_EVENTS)[number];
export type RunAlertEvent = (typeof RUN_ALERT_EVENTS)[number];
export type StandingAlertEvent = (typeof STANDING_ALERT_EVENTS)[number];

/** What the condition of a rule may start from: the counters of the run. */
export const ALERT_NAMES: readonly string[] = [...Object.keys(ZERO_TOTALS), 'expected'];

/** What a rule may say more, by what it is about. */
export const ALERT_TERMS: Readonly<Record<AlertEvent, readonly (keyof AlertRule)[]>> = {
  'run-failed': ['if'],
  'run-finished': ['if'],
  'credentials-refused': ['if'],
  'drift-found': [],
  'unknown-waiting': [],
  'deletes-waiting': [],
  'events-waiting': ['for'],
  'no-success': ['for'],
  'slower-than-usual': ['by', 'atLeast', 'runs'],
  'quota-nearly-spent': ['left'],
  'credentials-expiring': ['within'],
};

export const SEVERITIES = ['critical', 'error', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** When somebody is told. */
export interface AlertRule {
  readonly on: AlertEvent;
  /** Over the counters of the run. */
  readonly if?: string | undefined;
  /** With `no-success` and `events-waiting`: a duration. */
  readonly for?: string | undefined;
  /** With `slower-than-usual`: `2x`. */
  readonly by?: string | undefined;
  /** With `slower-than-usual`: a run that takes no longer is never slow. */
  readonly atLeast?: string | undefined;
  /** With `slower-than-usual`: so many runs say what is usual. */
  readonly runs?: number | undefined;
  /** With `quota-nearly-spent`: `10%`. */
  readonly left?: string | undefined;
  /** With `credentials-expiring`: a duration. */
  readonly within?: string | undefined;
  /** In the place of a channel's own. */
  readonly severity?: Severity | undefined;
  /** Names of channels. */
  readonly notify: readonly string[];
}

/** How a run ended. */
export interface RunEnd {
  readonly state: RunState;
  readonly totals: RunTotals;
  readonly code?: ErrorCode | undefined;
}

/** What is found for the incident of a rule: there is one from now on, there is none any more, or nothing can be told of it. */
export type AlertVerdict = 'opens' | 'closes' | 'stays';

/** The name of a rule within its sync: `run-failed`, `run-finished: rejected > 100`, `no-success: 3h`. Rules of one name share their incidents. */
export function alertRuleName(rule: Omit<AlertRule, 'notify'>): string {
  const terms = rule.if ?? rule.for ?? rule.by ?? rule.left ?? rule.within;
  return terms === undefined ? rule.on : `${rule.on}: ${terms}`;
}

/** What a rule is about, by its name. */
export function alertEventOf(name: string): AlertEvent | undefined {
  return ALERT_EVENTS.find((event) => name === event || name.startsWith(`${event}: `));
}

export function isStanding(on: AlertEvent): on is StandingAlertEvent {
  return STANDING_ALERT_EVENTS.some((event) => event === on);
}

/** Whether a run did what it was to do; undefined of one that tells nothing, as it goes on or was cancelled. */
export function wentWell(state: RunState): boolean | undefined {
  if (state === 'completed' || state === 'completed-with-rejections') return true;
  return state === 'failed' || state === 'books-open' || state === 'abandoned' ? false : undefined;
}

/**
 * Judges the end of a run that did all that its sync says. A run that was cancelled tells nothing; neither does one that failed of rules about finished ones, as its counters
 * are not whole.
 * @throws ExpressionError (rejects) where the condition cannot be evaluated
 */
export async function judgeRunEnd(rule: Pick<AlertRule, 'if'> & { readonly on: RunAlertEvent }, end: RunEnd): Promise<AlertVerdict> {
  const isGood = wentWell(end.state);
  if (isGood === undefined) return 'stays';
  if (isItWrong(rule.on, end, !isGood) && (await holds(rule, end.totals))) return 'opens';
  // A failed run is no sign that something else is well again; its counters tell of nothing whole.
  return isGood ? 'closes' : 'stays';
}

function isItWrong(on: RunAlertEvent, { code }: RunEnd, isBad: boolean): boolean {
  switch (on) {
    case 'run-failed':
      return isBad;
    case 'run-finished':
      return !isBad;
    case 'credentials-refused':
      return isBad && code === 'CREDENTIALS_REJECTED';
    default:
      return assertNever(on);
  }
}

async function holds(rule: Pick<AlertRule, 'if'>, totals: RunTotals): Promise<boolean> {
  return rule.if === undefined || isTruthy(await compileExpression(rule.if).evaluate(totals));
}

const MINUTE_MS = 60_000;
const LONGEST_PAUSE_MS = 15 * MINUTE_MS;

/** How often the rules are to be looked at without a run: a tenth of the shortest time that they name, from a minute to a quarter of an hour. Undefined where none asks for it. */
export function watchEveryMs(rules: readonly Omit<AlertRule, 'notify'>[]): number | undefined {
  const pauses = rules.filter(({ on }) => isStanding(on)).map((rule) => watchedMs(rule) / 10);
  if (pauses.length === 0) return undefined;
  return Math.min(LONGEST_PAUSE_MS, Math.max(1, Math.floor(Math.min(...pauses) / MINUTE_MS)) * MINUTE_MS);
}

/** What is told of such a rule is to be told well within that time. */
function watchedMs(rule: Omit<AlertRule, 'notify'>): number {
  const longestMs = LONGEST_PAUSE_MS * 10;
  switch (rule.on) {
    case 'no-success':
    case 'events-waiting':
      return parseDuration(rule.for ?? '') ?? longestMs;
    case 'slower-than-usual':
      return parseDuration(rule.atLeast ?? SLOW_AT_LEAST) ?? longestMs;
    case 'quota-nearly-spent':
      return QUOTA_MS;
    default:
      return longestMs;
  }
}

/** The least that `slower-than-usual` tells of, where a rule does not say. */
export const SLOW_AT_LEAST = '5m';
/** The shortest window that counts as a quota: shorter ones are spent and full again all the time. */
export const QUOTA_MS = 3_600_000;
