import { assertNever } from './assert-never.ts';
import type { ErrorCode } from './errors.ts';
import { compileExpression } from './expression.ts';
import { type RunTotals, ZERO_TOTALS } from './outcome.ts';
import type { RunState } from './run.ts';
import { isTruthy } from './truthy.ts';

/** What a rule may be about: how a run ended, or what was found when it did. */
export const ALERT_EVENTS = ['run-failed', 'run-finished', 'credentials-refused', 'drift-found', 'unknown-waiting'] as const;

/** What the condition of a rule may start from: the counters of the run. */
export const ALERT_NAMES: readonly string[] = [...Object.keys(ZERO_TOTALS), 'expected'];

/** When somebody is told. */
export interface AlertRule {
  readonly on: (typeof ALERT_EVENTS)[number];
  /** Over the counters of the run. */
  readonly if?: string | undefined;
  /** Names of channels. */
  readonly notify: readonly string[];
}

/** How a run ended. */
export interface RunEnd {
  readonly state: RunState;
  readonly totals: RunTotals;
  readonly code?: ErrorCode | undefined;
  /** The source, or the target, is not as it was, and nobody has said that this is right. */
  readonly hasDrift: boolean;
  /** Writes without an answer wait for a person. */
  readonly hasUnknown: boolean;
}

/** What the end of a run means for the incident of a rule: there is one from now on, there is none any more, or it tells nothing of it. */
export type AlertVerdict = 'opens' | 'closes' | 'stays';

/** The name of a rule within its sync: `run-failed`, `run-finished: rejected > 100`. Rules of one name share their incidents. */
export function alertRuleName(rule: Pick<AlertRule, 'on' | 'if'>): string {
  return rule.if === undefined ? rule.on : `${rule.on}: ${rule.if}`;
}

/**
 * Judges the end of a run that did all that its sync says. A run that was cancelled tells nothing; neither does one that failed of rules about finished ones, as its counters
 * are not whole.
 * @throws ExpressionError (rejects) where the condition cannot be evaluated
 */
export async function judgeAlert(rule: AlertRule, end: RunEnd): Promise<AlertVerdict> {
  const isGood = end.state === 'completed' || end.state === 'completed-with-rejections';
  const isBad = end.state === 'failed' || end.state === 'books-open' || end.state === 'abandoned';
  if (!isGood && !isBad) return 'stays';
  const isWrong = isItWrong(rule, end, isBad);
  if (isWrong && (await holds(rule, end.totals))) return 'opens';
  // A failed run is no sign that something else is well again; its counters tell of nothing whole.
  return isGood ? 'closes' : 'stays';
}

function isItWrong({ on }: AlertRule, { code, hasDrift, hasUnknown }: RunEnd, isBad: boolean): boolean {
  switch (on) {
    case 'run-failed':
      return isBad;
    case 'run-finished':
      return !isBad;
    case 'credentials-refused':
      return isBad && code === 'CREDENTIALS_REJECTED';
    case 'drift-found':
      return hasDrift || code === 'SCHEMA_DRIFT';
    case 'unknown-waiting':
      return hasUnknown;
    default:
      return assertNever(on);
  }
}

async function holds(rule: AlertRule, totals: RunTotals): Promise<boolean> {
  return rule.if === undefined || isTruthy(await compileExpression(rule.if).evaluate(totals));
}
