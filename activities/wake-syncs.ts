import { getClient } from '@temporalio/activity';
import { parseSyncScope } from '../engine/ids.ts';
import { EVENTS_WORKFLOW, wakeUpOf } from '../engine/wake-up.ts';
import type { WakeSyncsInput } from './activities.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** See `Activities.wakeSyncs`. */
export async function wakeSyncs({ ledger }: ActivityDependencies, { project, profile, hasSearchAttributes = false }: WakeSyncsInput): Promise<number> {
  const open = await ledger.countOpenEvents(`${project}/${profile}/`);
  for (const { scope } of open) await getClient().workflow.signalWithStart(EVENTS_WORKFLOW, wakeUpOf(parseSyncScope(scope), hasSearchAttributes));
  return open.length;
}
