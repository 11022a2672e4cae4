import type { StageRepairsInput } from './activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { openRunContext } from './run-context.ts';

/** See `Activities.stageRepairs`. */
export async function stageRepairs(dependencies: ActivityDependencies, { runId, reconciliationId }: StageRepairsInput): Promise<number> {
  const { definition, targetScope, abilities, sensitiveFields } = await openRunContext(dependencies, runId);
  return dependencies.ledger.stageRepairs({
    runId,
    reconciliationId,
    targetScope,
    kinds: abilities.upsert ? { missing: 'upsert', changed: 'upsert' } : { missing: 'create', changed: 'update' },
    isSealed: definition.values !== 'plain' || sensitiveFields.length > 0,
    at: dependencies.now(),
  });
}
