import { type AlertRule, type AlertVerdict, alertRuleName, judgeAlert } from '../engine/alerts.ts';
import { ExpressionError } from '../engine/expression-error.ts';
import { conditionWords, failureWords } from '../engine/notice.ts';
import type { Run } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { sentenceOf } from './fixed-sentence.ts';

/** Begins and ends the incidents of a sync by how a run of it ended. Idempotent. */
export async function judgeAlerts(dependencies: ActivityDependencies, alerts: readonly AlertRule[], run: Run): Promise<void> {
  const { ledger, now } = dependencies;
  const { scope, id } = run;
  const at = run.endedAt ?? now();
  for (const rule of alerts) {
    const name = alertRuleName(rule);
    const verdict = await judge(dependencies, rule, run);
    const incident = `i_${dependencies.sha256(`${scope} ${id} ${name}`).slice(0, 16)}`;
    if (verdict === 'opens') await ledger.openIncident({ id: incident, scope, rule: name, what: wordsOf(rule, run), openedBy: id, openedAt: at });
    if (verdict === 'closes') await ledger.closeIncident({ scope, rule: name, closedBy: id, closedAt: at });
  }
  if (!run.state.startsWith('completed')) return;
  // A rule that is gone from the definition would stay open for ever.
  const names = new Set(alerts.map(alertRuleName));
  for (const { rule, closedAt } of await ledger.listUnfinishedIncidents(scope))
    if (closedAt === undefined && !names.has(rule)) await ledger.closeIncident({ scope, rule, closedBy: id, closedAt: at });
}

/** A condition that cannot be evaluated is told in the log: it must not keep the other rules from being judged. */
async function judge({ log }: ActivityDependencies, rule: AlertRule, run: Run): Promise<AlertVerdict> {
  try {
    return await judgeAlert(rule, run);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    log.warn({ runId: run.id, scope: run.scope, rule: alertRuleName(rule), reason: error.message }, 'the condition of an alert cannot be evaluated');
    return 'stays';
  }
}

function wordsOf(rule: AlertRule, { state, failure, totals }: Run): string {
  if (rule.on === 'run-finished') return conditionWords(rule.if ?? '', totals);
  if (state === 'books-open') return failureWords('INTERNAL', 'its books do not close.');
  const code = failure?.code ?? 'INTERNAL';
  return failureWords(code, sentenceOf(code));
}
