import type { ResolvedSync } from '../definition/resolved.ts';
import { SyncError } from '../engine/errors.ts';
import { type ProjectRef, parseSyncScope, projectScope, syncScope } from '../engine/ids.ts';
import { isAside } from '../engine/run.ts';
import type { Run } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { openRunContext } from './run-context.ts';

const RUNS_LOOKED_AT = 20;
const RUNS_OF_ALL_LOOKED_AT = 500;

/** Whether the end of a run may be of interest to anybody; what is told is decided later. Runs that do less than their sync says tell nothing of it. */
export async function mayConcernAlerts(dependencies: ActivityDependencies, run: Run, hasFailed: boolean): Promise<boolean> {
  if (isAside(run.options)) return false;
  if (run.definitionHash === undefined) return hasFailed;
  const { definition } = await openRunContext(dependencies, run.id);
  return (definition.alerts ?? []).length > 0 || (await dependencies.ledger.listUnfinishedIncidents(run.scope)).length > 0;
}

/** The definition by whose rules a run is judged: its own. Of one that never had any, as its plan failed: as it is now, or where that has mistakes, that of the run before. */
export async function alertDefinitionOf(dependencies: ActivityDependencies, run: Run): Promise<ResolvedSync | undefined> {
  if (run.definitionHash !== undefined) return (await openRunContext(dependencies, run.id)).definition;
  try {
    return (await dependencies.loadSync(parseSyncScope(run.scope).sync)).definition;
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
  }
  return lastDefinitionOf(dependencies, run.scope);
}

/** As the latest run of a sync had it. */
export async function lastDefinitionOf(dependencies: ActivityDependencies, scope: string): Promise<ResolvedSync | undefined> {
  const runs = await dependencies.ledger.listRuns(scope, RUNS_LOOKED_AT, 'live');
  const planned = runs.find(({ definitionHash }) => definitionHash !== undefined);
  return planned === undefined ? undefined : (await openRunContext(dependencies, planned.id)).definition;
}

export interface AlertDefinitions {
  readonly bySync: ReadonlyMap<string, ResolvedSync>;
  /** Whether they are the definitions as they are now. Where those have mistakes, it is what the latest runs had: nobody is to be left in the dark for that. */
  readonly isCurrent: boolean;
}

/** By ledger scope. */
export async function alertDefinitions(dependencies: ActivityDependencies, project: ProjectRef): Promise<AlertDefinitions> {
  try {
    const definitions = await dependencies.loadSyncs();
    return { bySync: new Map(definitions.map((definition) => [syncScope(definition.ref), definition])), isCurrent: true };
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    dependencies.log.warn({ code: error.code, reason: error.message }, 'the definitions have mistakes: alerts are judged by those of the latest runs');
  }
  const runs = await dependencies.ledger.listRuns(projectScope(project), RUNS_OF_ALL_LOOKED_AT, 'live');
  const bySync = new Map<string, ResolvedSync>();
  for (const { id, scope, definitionHash } of runs)
    if (definitionHash !== undefined && !bySync.has(scope)) bySync.set(scope, (await openRunContext(dependencies, id)).definition);
  return { bySync, isCurrent: false };
}
