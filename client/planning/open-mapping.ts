import type { ResolvedSync } from '../../definition/resolved.ts';
import { sourceNameOf } from '../../definition/source-name.ts';
import { alwaysThere } from '../../engine/expected-shape.ts';
import { syncScope } from '../../engine/ids.ts';
import { compileMapping, type Mapping } from '../../engine/map-record.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** The mapping of a sync as its next run uses it: it makes nothing of a record in place of what has vanished from it. */
export async function openMapping({ ref, sync, drift }: ResolvedSync, ledger: Ledger): Promise<Mapping> {
  const expected = drift === 'ignore' ? undefined : alwaysThere(await ledger.readExpectedShape(syncScope(ref), sourceNameOf(sync)));
  return compileMapping(sync.mapping, sync.lookups, expected);
}
