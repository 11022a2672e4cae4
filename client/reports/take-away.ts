import { type ResolvedSync, resolvedSyncSchema } from '../../definition/resolved.ts';
import { modeOf, takesAway } from '../../definition/sync-mode.ts';
import { parseSyncScope } from '../../engine/ids.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';

/** What a run does to records that have gone from its source. */
export interface TakeAway {
  /** False: it leaves them. */
  readonly isAsked: boolean;
  readonly verb: 'delete' | 'archive';
  readonly Verb: 'Delete' | 'Archive';
  readonly done: 'deleted' | 'archived';
}

export function takeAwayBy(target: ResolvedSync['sync']['target'] | undefined): TakeAway {
  const isAsked = target !== undefined && takesAway(target);
  if (isAsked && modeOf(target) === 'archive') return { isAsked, verb: 'archive', Verb: 'Archive', done: 'archived' };
  return { isAsked, verb: 'delete', Verb: 'Delete', done: 'deleted' };
}

/** By the definition that the run began with. */
export async function takeAwayOf(cli: Cli, { scope, definitionHash }: Run): Promise<TakeAway> {
  const frozen = definitionHash === undefined ? undefined : await (await cli.session.ledger()).readDefinition(definitionHash);
  const definition = resolvedSyncSchema.safeParse(frozen).data ?? (await cli.session.project()).find(parseSyncScope(scope).sync);
  return takeAwayBy(definition?.sync.target);
}
