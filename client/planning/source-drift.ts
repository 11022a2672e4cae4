import type { ResolvedSync } from '../../definition/resolved.ts';
import { sourceNameOf } from '../../definition/source-name.ts';
import { LEAVING_USES, usedBySync } from '../../definition/used-by-sync.ts';
import { compareShapes, isDrift, stillOpen } from '../../engine/compare-shapes.ts';
import { syncScope } from '../../engine/ids.ts';
import type { Mapping } from '../../engine/map-record.ts';
import { ShapeMeter } from '../../engine/shape-meter.ts';
import { wordsOfFinding } from '../../engine/shape-words.ts';
import type { Ledger } from '../../ledger/ledger.ts';

export interface SourceDrift {
  readonly remarks: readonly string[];
  /** What records leave by has changed: nothing would be deleted. */
  readonly keepsAll: boolean;
}

export function openShapeMeter(definition: ResolvedSync, mapping: Mapping): ShapeMeter {
  return new ShapeMeter(
    undefined,
    usedBySync(definition, mapping).map(({ path }) => path),
  );
}

/** What a run would find changed at the source, by what the plan has read of it. */
export async function readSourceDrift(ledger: Ledger, definition: ResolvedSync, mapping: Mapping, meter: ShapeMeter, isWhole: boolean): Promise<SourceDrift> {
  const scope = syncScope(definition.ref);
  const expected = definition.drift === 'ignore' ? undefined : await ledger.readExpectedShape(scope, sourceNameOf(definition.sync));
  if (expected === undefined) return { remarks: [], keepsAll: false };
  const [seen, used] = [meter.shape(), usedBySync(definition, mapping)];
  const found = compareShapes({ expected, seen, isWhole, used }).filter(isDrift);
  const earlier = stillOpen(await ledger.readOpenDrift(scope), { seen, used }).filter(({ field }) => found.every((finding) => finding.field !== field));
  const drift = [...found, ...earlier];
  const stop = drift.length > 0 && definition.drift === 'stop' ? ['The run would stop for that, before it writes it: drift is "stop".'] : [];
  return {
    remarks: [...drift.map((finding) => `At the source, ${wordsOfFinding(finding)}.`), ...stop],
    keepsAll: drift.some(({ uses }) => uses.some((use) => LEAVING_USES.includes(use))),
  };
}
