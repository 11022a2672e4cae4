import { parseSyncScope } from '../../engine/ids.ts';
import { EVENTS_WORKFLOW, wakeUpOf } from '../../engine/wake-up.ts';
import type { DeliveryStore } from '../../ledger/delivery-store.ts';
import type { Temporal } from '../temporal/connect.ts';

/** Has the open events of these syncs looked at: one signal each, without content, whether or not anybody is looking already. */
export async function wakeSyncs({ client }: Pick<Temporal, 'client'>, scopes: readonly string[], hasSearchAttributes: boolean): Promise<void> {
  await Promise.all(scopes.map((scope) => client.workflow.signalWithStart(EVENTS_WORKFLOW, wakeUpOf(parseSyncScope(scope), hasSearchAttributes))));
}

/** The same of all syncs of a project on a profile that have open events: whoever was to wake them may have died. @returns their scopes */
export async function wakeOpenSyncs(
  temporal: Pick<Temporal, 'client'>,
  ledger: DeliveryStore,
  place: { readonly project: string; readonly profile: string; readonly hasSearchAttributes: boolean },
): Promise<readonly string[]> {
  const scopes = (await ledger.countOpenEvents(`${place.project}/${place.profile}/`)).map(({ scope }) => scope);
  await wakeSyncs(temporal, scopes, place.hasSearchAttributes);
  return scopes;
}
