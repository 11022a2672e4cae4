import { compileExpression } from './expression.ts';
import { type RunTotals, ZERO_TOTALS } from './outcome.ts';
import type { RunState } from './run.ts';
import { isTruthy } from './truthy.ts';

/** The ends of a run that a rule may be about. */
export const ALERT_EVENTS = ['run-failed', 'run-finished'] as const;

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
export async function judgeAlert(rule: AlertRule, { state, totals }: RunEnd): Promise<AlertVerdict> {
  const isGood = state === 'completed' || state === 'completed-with-rejections';
  if (rule.on === 'run-finished') return isGood ? ((await holds(rule, totals)) ? 'opens' : 'closes') : 'stays';
  if (isGood) return 'closes';
  return (state === 'failed' || state === 'books-open' || state === 'abandoned') && (await holds(rule, totals)) ? 'opens' : 'stays';
}

async function holds(rule: AlertRule, totals: RunTotals): Promise<boolean> {
  return rule.if === undefined || isTruthy(await compileExpression(rule.if).evaluate(totals));
}
