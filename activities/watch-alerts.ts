import { alertRuleName } from '../engine/alerts.ts';
import { type ProjectRef, projectScope } from '../engine/ids.ts';
import { NO_RUN } from '../ledger/incident-store.ts';
import { type AlertDefinitions, alertDefinitions, lastDefinitionOf } from './alert-rules.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { dueNotices } from './due-notices.ts';
import { judgeNow } from './judge-alerts.ts';

/** Judges the rules of all syncs without a run; see `Activities.watchAlerts`. */
export async function watchAlerts(dependencies: ActivityDependencies, project: ProjectRef): Promise<void> {
  const definitions = await alertDefinitions(dependencies, project);
  let isNew = await endOfGone(dependencies, project, definitions);
  for (const definition of definitions.bySync.values()) isNew = (await judgeNow(dependencies, definition)) || isNew;
  if (isNew || (await isAnyDue(dependencies, project, definitions))) await dependencies.wakeAlerts(project, { isNew });
}

/** No run will end what is open of a sync or a rule that is no longer there. */
async function endOfGone({ ledger, now }: ActivityDependencies, project: ProjectRef, { bySync, isCurrent }: AlertDefinitions): Promise<boolean> {
  if (!isCurrent) return false;
  let isNew = false;
  for (const { scope, rule } of await ledger.listOpenIncidents(projectScope(project)))
    if (!(bySync.get(scope)?.alerts ?? []).some((known) => alertRuleName(known) === rule))
      isNew = (await ledger.closeIncident({ scope, rule, closedBy: NO_RUN, closedAt: now() })) || isNew;
  return isNew;
}

/** Whoever sent before may have died, or given up. */
async function isAnyDue(dependencies: ActivityDependencies, project: ProjectRef, { bySync }: AlertDefinitions): Promise<boolean> {
  for (const incident of await dependencies.ledger.listUnfinishedIncidents(projectScope(project))) {
    const definition = bySync.get(incident.scope) ?? (await lastDefinitionOf(dependencies, incident.scope));
    if (definition !== undefined && dueNotices(incident, definition, dependencies.now()).length > 0) return true;
  }
  return false;
}
