import { Context } from '@temporalio/activity';
import { type AlertRule, alertRuleName } from '../engine/alerts.ts';
import { SyncError } from '../engine/errors.ts';
import { parseSyncScope } from '../engine/ids.ts';
import type { Notice } from '../engine/notice.ts';
import type { Incident } from '../ledger/incident-store.ts';
import type { NotifyInput } from './activities.ts';
import { type AlertRules, alertRulesOf } from './alert-rules.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { judgeAlerts } from './judge-alerts.ts';

const BEAT_MS = 2_500;

/** One thing that one channel is still to be told. */
interface DueNotice {
  readonly channel: string;
  readonly notice: Notice;
}

/** Judges the end of a run, and sends what is due; see `Activities.notify`. What a channel has taken is noted at once, and not sent again. */
export async function notify(dependencies: ActivityDependencies, { ref, runId }: NotifyInput): Promise<void> {
  const { ledger } = dependencies;
  const run = await ledger.readRun(runId);
  if (run === undefined) return;
  const rules = await alertRulesOf(dependencies, ref.sync, run);
  await judgeAlerts(dependencies, rules.alerts, run);
  const due = (await ledger.listUnfinishedIncidents(run.scope)).flatMap((incident) => dueNotices(incident, rules.alerts));
  const byChannel = [...Map.groupBy(due, ({ channel }) => channel)];
  const failures = await whileBeating(() => Promise.all(byChannel.map(([channel, notices]) => tell(dependencies, rules, channel, notices))));
  const failed = failures.flatMap((failure) => failure ?? []);
  if (failed.length === 0) return;
  throw new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message: `An alert was not taken: ${failed.join('; ')}.` });
}

/** So that a worker that dies is soon followed by another. */
async function whileBeating<Result>(work: () => Promise<Result>): Promise<Result> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Of an open incident whoever the rule names and has not been told; of an ended one whoever knows of its begin only. */
function dueNotices(incident: Incident, alerts: readonly AlertRule[]): readonly DueNotice[] {
  const { toldOpened, toldClosed, closedAt } = incident;
  const named = alerts.filter((rule) => alertRuleName(rule) === incident.rule).flatMap((rule) => rule.notify);
  const isOver = closedAt !== undefined;
  const channels = isOver ? toldOpened.filter((channel) => !toldClosed.includes(channel)) : named.filter((channel) => !toldOpened.includes(channel));
  const notice: Notice = {
    ...parseSyncScope(incident.scope),
    event: isOver ? 'resolved' : 'opened',
    incident: incident.id,
    rule: incident.rule,
    runId: (isOver ? incident.closedBy : undefined) ?? incident.openedBy,
    at: closedAt ?? incident.openedAt,
    since: incident.openedAt,
    what: incident.what,
  };
  return [...new Set(channels)].map((channel) => ({ channel, notice }));
}

/** Tells one channel, in the order in which it happened. @returns what kept it from being told, where that may pass soon */
async function tell(
  { ledger, channels, log, now }: ActivityDependencies,
  rules: AlertRules,
  name: string,
  due: readonly DueNotice[],
): Promise<string | undefined> {
  const channel = rules.channels[name];
  // Gone from the definition.
  if (channel === undefined) return undefined;
  for (const { notice } of due) {
    const { event, incident, runId, sync } = notice;
    const answer = await channels.send(channel, notice);
    const told = { runId, sync, channel: name, incident, event, answer: answer.said };
    if (!answer.isTaken) {
      log.warn(told, answer.isWorthRepeating ? 'an alert was not taken; it will be sent again' : 'an alert was refused; it is sent again after the next run');
      return answer.isWorthRepeating ? `${name}: ${answer.said}` : undefined;
    }
    await ledger.noteTold({ incident, channel: name, event: event === 'resolved' ? 'closed' : 'opened', at: now() });
    log.info(told, 'an alert was sent');
  }
  return undefined;
}
