import { type DefinitionChange, describeChange } from '../../definition/describe-change.ts';
import { resolvedSyncSchema } from '../../definition/resolved.ts';
import { syncScope } from '../../engine/ids.ts';
import { isAside } from '../../engine/run.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { ResolvedWithHash } from '../project.ts';

export interface ChangeSince extends DefinitionChange {
  /** When the run was that last used another definition. */
  readonly at: number;
}

/** How far to look back for a run that ended well. */
const RUNS = 20;

/** What is another in the definition than in the last whole run that ended well; undefined where nothing is, or none did. */
export async function readDefinitionChange(ledger: Ledger, { definition, hash }: ResolvedWithHash): Promise<ChangeSince | undefined> {
  const runs = await ledger.listRuns(syncScope(definition.ref), RUNS, 'live');
  const last = runs.find(({ state, options }) => (state === 'completed' || state === 'completed-with-rejections') && !isAside(options));
  if (last?.definitionHash === undefined || last.definitionHash === hash) return undefined;
  const before = resolvedSyncSchema.safeParse(await ledger.readDefinition(last.definitionHash));
  if (!before.success) return undefined;
  const change = describeChange(before.data, definition);
  return change === undefined ? undefined : { ...change, at: last.startedAt ?? last.requestedAt };
}
