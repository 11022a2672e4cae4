import type { Finding } from '../../ledger/drift-store.ts';
import type { Cli } from '../cli.ts';
import { planSync } from './plan-sync.ts';

/** Records that are in the target as they were sent, while the source has changed since: what a run of everything would update. */
export async function findStale(cli: Cli, sync: string): Promise<readonly Finding[]> {
  const { changes } = await planSync(cli, sync, true);
  return changes.flatMap(({ action, key, match, targetId, fields }) => {
    if (action !== 'update') return [];
    const drifts = fields.map(({ field, before = null, after }) => ({ field, written: after, found: before }));
    return [{ kind: 'stale', key, match, ...(targetId === undefined ? {} : { targetId }), fields: drifts } as const];
  });
}
