import { type AlertRule, type AlertVerdict, alertRuleName, judgeAlert, type RunEnd } from '../engine/alerts.ts';
import { ExpressionError } from '../engine/expression-error.ts';
import { conditionWords, failureWords } from '../engine/notice.ts';
import { fewerThanTold } from '../engine/reconcile.ts';
import type { Reconciliation } from '../ledger/drift-store.ts';
import type { Run } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { sentenceOf } from './fixed-sentence.ts';

/** Begins and ends the incidents of a sync by how a run of it ended. Idempotent. */
export async function judgeAlerts(dependencies: ActivityDependencies, alerts: readonly AlertRule[], run: Run): Promise<void> {
  const { ledger, now } = dependencies;
  const { scope, id } = run;
  const at = run.endedAt ?? now();
  const end = await endOf(dependencies, alerts, run);
  for (const rule of alerts) {
    const name = alertRuleName(rule);
    const verdict = await judge(dependencies, rule, run, end);
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

/** Asks the ledger only what some rule is about. */
async function endOf({ ledger }: ActivityDependencies, alerts: readonly AlertRule[], { scope, state, totals, failure }: Run): Promise<RunEnd> {
  const asks = (event: AlertRule['on']) => alerts.some(({ on }) => on === event);
  const hasDrift = asks('drift-found') && ((await ledger.readOpenDrift(scope)).length > 0 || isOff(await ledger.readReconciliation(scope)));
  const hasUnknown = asks('unknown-waiting') && (await ledger.listUnknown(scope, { limit: 1 })).length > 0;
  return { state, totals, code: failure?.code, hasDrift, hasUnknown };
}

/** The latest comparison found records that are not in the target as they should be. */
function isOff(reconciliation: Reconciliation | undefined): boolean {
  if (reconciliation === undefined) return false;
  const { found, counts } = reconciliation;
  return found.missing + found.changed + found.duplicated + found.stale + (counts === undefined ? 0 : fewerThanTold(counts)) > 0;
}

/** A condition that cannot be evaluated is told in the log: it must not keep the other rules from being judged. */
async function judge({ log }: ActivityDependencies, rule: AlertRule, run: Run, end: RunEnd): Promise<AlertVerdict> {
  try {
    return await judgeAlert(rule, end);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    log.warn({ runId: run.id, scope: run.scope, rule: alertRuleName(rule), reason: error.message }, 'the condition of an alert cannot be evaluated');
    return 'stays';
  }
}

function wordsOf(rule: AlertRule, { state, failure, totals }: Run): string {
  if (rule.on === 'run-finished') return conditionWords(rule.if ?? '', totals);
  if (rule.on === 'drift-found') return 'Fields of its source, or records in its target, are not as they were.';
  if (rule.on === 'unknown-waiting') return 'Writes whose answers were lost wait for somebody to decide (syncline unknown list).';
  if (state === 'books-open') return failureWords('INTERNAL', 'its books do not close.');
  const code = failure?.code ?? 'INTERNAL';
  return failureWords(code, sentenceOf(code));
}
