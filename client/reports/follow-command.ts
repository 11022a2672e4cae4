import { parseSyncScope } from '../../engine/ids.ts';
import type { Run } from '../../ledger/ledger.ts';

/** What follows a run that is open, and starts no other one. Runs of events are only looked at. */
export function followCommand({ id, scope, options }: Pick<Run, 'id' | 'scope' | 'options'>): string {
  const { sync } = parseSyncScope(scope);
  if (options.events === true) return `show ${id}`;
  return options.window === undefined ? `run ${sync}` : `backfill ${sync}`;
}
