import { type ProjectRef, projectScope } from '../engine/ids.ts';
import type { Incident } from '../ledger/incident-store.ts';
import type { SendAlertsResult } from './activities.ts';
import { type AlertDefinitions, alertDefinitions, lastDefinitionOf } from './alert-rules.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { type DueNotice, dueNotices } from './due-notices.ts';
import { whileBeating } from './heartbeat.ts';

type Told = 'all' | 'soon' | 'later';

/** A channel that refuses so many notices is asked no more for now: it may be its password or its address that is wrong. */
const MOST_REFUSED = 5;

/** Sends what is due of a project on a profile; see `Activities.sendAlerts`. What a channel has taken is noted at once, and not sent again. */
export async function sendAlerts(dependencies: ActivityDependencies, project: ProjectRef): Promise<SendAlertsResult> {
  const { ledger, now } = dependencies;
  const definitions = await alertDefinitions(dependencies, project);
  const at = now();
  const mutes = new Map((await ledger.listMutes(projectScope(project), at)).map(({ scope, until }) => [scope, until]));
  const incidents = await ledger.listUnfinishedIncidents(projectScope(project));
  const all = (await Promise.all(incidents.map((incident) => dueOf(dependencies, definitions, incident, at, mutes.get(incident.scope))))).flat();
  const due = all.filter(({ notBefore }) => notBefore <= at);
  const later = all.filter(({ notBefore }) => notBefore > at).map(({ notBefore }) => notBefore);
  const told = await whileBeating(
    dependencies,
    undefined,
    () => undefined,
    () => Promise.all([...Map.groupBy(due, ({ name }) => name).values()].map((notices) => tell(dependencies, notices))),
  );
  const again = told.includes('soon') ? 'soon' : told.includes('later') ? 'later' : undefined;
  return { ...(again === undefined ? {} : { again }), ...(later.length === 0 ? {} : { nextAt: Math.min(...later) }) };
}

/** A sync that is gone from the project ends as its last run knew it. */
async function dueOf(
  dependencies: ActivityDependencies,
  { bySync }: AlertDefinitions,
  incident: Incident,
  at: number,
  mutedUntil: number | undefined,
): Promise<readonly DueNotice[]> {
  const definition = bySync.get(incident.scope) ?? (await lastDefinitionOf(dependencies, incident.scope));
  return definition === undefined ? [] : dueNotices(incident, definition, at, mutedUntil);
}

/** Tells one channel, in the order in which it happened. @returns whether what it did not take is to be sent again */
async function tell({ ledger, channels, log, now }: ActivityDependencies, due: readonly DueNotice[]): Promise<Told> {
  let refused = 0;
  for (const { name, channel, notice } of due) {
    const { event, incident, runId, sync } = notice;
    const answer = await channels.send(channel, notice);
    const told = { runId, sync, channel: name, incident, event, answer: answer.said };
    if (!answer.isTaken) {
      log.warn(told, answer.isWorthRepeating ? 'an alert was not taken; it will be sent again' : 'an alert was refused; it will be sent again later');
      if (answer.isWorthRepeating) return 'soon';
      refused += 1;
      if (refused === MOST_REFUSED) return 'later';
      continue;
    }
    await ledger.noteTold({ incident, channel: name, event: event === 'resolved' ? 'closed' : 'opened', at: now() });
    log.info(told, 'an alert was sent');
  }
  return refused === 0 ? 'all' : 'later';
}
