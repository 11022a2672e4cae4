import type { StageRepairsInput } from './activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { openLiveContext } from './run-context.ts';

/** See `Activities.stageRepairs`. */
export async function stageRepairs(dependencies: ActivityDependencies, { runId, reconciliationId }: StageRepairsInput): Promise<number> {
  const { definition, targetScope, abilities, mode, sensitiveFields } = await openLiveContext(dependencies, runId);
  return dependencies.ledger.stageRepairs({
    runId,
    reconciliationId,
    targetScope,
    // Mode insert looks for a missing record once more, and leaves what was changed as it is.
    // By its id a record is reached also where others gave it another match value.
    kinds: { missing: abilities.upsert && mode !== 'insert' ? 'upsert' : 'create', changed: abilities.update || mode === 'insert' ? 'update' : 'upsert' },
    isSealed: definition.values !== 'plain' || sensitiveFields.length > 0,
    at: dependencies.now(),
  });
}
