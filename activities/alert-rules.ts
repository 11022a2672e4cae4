import type { ResolvedSync } from '../definition/resolved.ts';
import type { Channel } from '../definition/schema/channels.ts';
import type { AlertRule } from '../engine/alerts.ts';
import { SyncError } from '../engine/errors.ts';
import { isAside } from '../engine/run.ts';
import type { Run } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { openRunContext } from './run-context.ts';

export interface AlertRules {
  readonly alerts: readonly AlertRule[];
  /** Those that the rules name. */
  readonly channels: Readonly<Record<string, Channel>>;
}

const RUNS_LOOKED_AT = 20;

/** Whether the end of a run may be of interest to anybody; what is told is decided later. Runs that do less than their sync says tell nothing of it. */
export async function mayConcernAlerts(dependencies: ActivityDependencies, run: Run, hasFailed: boolean): Promise<boolean> {
  if (isAside(run.options)) return false;
  if (run.definitionHash === undefined) return hasFailed;
  const { definition } = await openRunContext(dependencies, run.id);
  return (definition.alerts ?? []).length > 0 || (await dependencies.ledger.listUnfinishedIncidents(run.scope)).length > 0;
}

/** The rules of a run's own definition. Of one that never had any, as its plan failed: the definition as it is now, or where that has mistakes, that of the run before. */
export async function alertRulesOf(dependencies: ActivityDependencies, sync: string, run: Run): Promise<AlertRules> {
  if (run.definitionHash !== undefined) return rulesOf((await openRunContext(dependencies, run.id)).definition);
  try {
    return rulesOf((await dependencies.loadSync(sync)).definition);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
  }
  const before = (await dependencies.ledger.listRuns(run.scope, RUNS_LOOKED_AT, 'live')).find(({ definitionHash }) => definitionHash !== undefined);
  return before === undefined ? NONE : rulesOf((await openRunContext(dependencies, before.id)).definition);
}

const NONE: AlertRules = { alerts: [], channels: {} };

function rulesOf({ alerts = [], channels = {} }: ResolvedSync): AlertRules {
  return { alerts, channels };
}
