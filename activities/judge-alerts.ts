import type { ResolvedSync } from '../definition/resolved.ts';
import { type AlertRule, alertRuleName, isStanding, judgeRunEnd, type RunAlertEvent, wentWell } from '../engine/alerts.ts';
import { ExpressionError } from '../engine/expression-error.ts';
import { syncScope } from '../engine/ids.ts';
import { conditionWords, failureWords } from '../engine/notice.ts';
import { NO_RUN } from '../ledger/incident-store.ts';
import type { Run } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { sentenceOf } from './fixed-sentence.ts';
import { type AlertSubject, type Finding, judgeStanding, type StandingRule } from './judge-standing.ts';

/** Begins and ends the incidents of a sync by how a run of it ended. Idempotent. @returns whether anything is new */
export async function judgeEnd(dependencies: ActivityDependencies, definition: ResolvedSync, run: Run): Promise<boolean> {
  const { ledger, now } = dependencies;
  const { scope, id } = run;
  const rules = definition.alerts ?? [];
  const subject: AlertSubject = { definition, at: run.endedAt ?? now(), ended: run };
  let isNew = false;
  for (const rule of rules) isNew = (await noteFinding(dependencies, rule, subject, await judgeByEnd(dependencies, rule, subject, run))) || isNew;
  if (wentWell(run.state) !== true) return isNew;
  // A rule that is gone from the definition would stay open for ever.
  const names = new Set(rules.map(alertRuleName));
  for (const { rule, closedAt } of await ledger.listUnfinishedIncidents(scope))
    if (closedAt === undefined && !names.has(rule)) isNew = (await ledger.closeIncident({ scope, rule, closedBy: id, closedAt: subject.at })) || isNew;
  return isNew;
}

/** Begins and ends the incidents of a sync by what is so without a run. @param only events that are looked at; absent: all. @returns whether anything is new */
export async function judgeNow(dependencies: ActivityDependencies, definition: ResolvedSync, only?: readonly StandingRule['on'][]): Promise<boolean> {
  const subject: AlertSubject = { definition, at: dependencies.now() };
  let isNew = false;
  for (const rule of definition.alerts ?? []) {
    if (!isStandingRule(rule) || only?.includes(rule.on) === false) continue;
    isNew = (await noteFinding(dependencies, rule, subject, await judgeStanding(dependencies, rule, subject))) || isNew;
  }
  return isNew;
}

async function noteFinding({ ledger, sha256 }: ActivityDependencies, rule: AlertRule, subject: AlertSubject, finding: Finding): Promise<boolean> {
  const { definition, at, ended } = subject;
  const scope = syncScope(definition.ref);
  const name = alertRuleName(rule);
  if (finding.verdict === 'stays') return false;
  if (finding.verdict === 'closes') {
    const closedBy = ended !== undefined && wentWell(ended.state) === true ? ended.id : NO_RUN;
    return ledger.closeIncident({ scope, rule: name, closedBy, closedAt: at });
  }
  const by = finding.runId ?? ended?.id ?? NO_RUN;
  // What was found of a run is found again where the step is repeated.
  const id = `i_${sha256(`${scope} ${by === NO_RUN ? at : by} ${name}`).slice(0, 16)}`;
  return ledger.openIncident({ id, scope, rule: name, what: finding.what ?? '', openedBy: by, openedAt: at });
}

async function judgeByEnd(dependencies: ActivityDependencies, rule: AlertRule, subject: AlertSubject, run: Run): Promise<Finding> {
  if (isStandingRule(rule)) return judgeStanding(dependencies, rule, subject);
  if (!isRunRule(rule)) return { verdict: 'stays' };
  try {
    return { verdict: await judgeRunEnd(rule, { state: run.state, totals: run.totals, code: run.failure?.code }), what: wordsOf(rule, run), runId: run.id };
  } catch (error) {
    // It must not keep the other rules from being judged.
    if (!(error instanceof ExpressionError)) throw error;
    dependencies.log.warn(
      { runId: run.id, scope: run.scope, rule: alertRuleName(rule), reason: error.message },
      'the condition of an alert cannot be evaluated',
    );
    return { verdict: 'stays' };
  }
}

function isStandingRule(rule: AlertRule): rule is StandingRule {
  return isStanding(rule.on);
}

function isRunRule(rule: AlertRule): rule is AlertRule & { readonly on: RunAlertEvent } {
  return !isStanding(rule.on);
}

function wordsOf(rule: AlertRule, { state, failure, totals }: Run): string {
  if (rule.on === 'run-finished') return conditionWords(rule.if ?? '', totals);
  if (state === 'books-open') return failureWords('INTERNAL', 'its books do not close.');
  const code = failure?.code ?? 'INTERNAL';
  return failureWords(code, sentenceOf(code));
}
