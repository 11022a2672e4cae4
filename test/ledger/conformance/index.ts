import { auditingConformance } from './auditing.ts';
import { booksConformance } from './books.ts';
import { claimingConformance } from './claiming.ts';
import { credentialsConformance } from './credentials.ts';
import { definitionsConformance } from './definitions.ts';
import { limitsConformance } from './limits.ts';
import { lookupsConformance } from './lookups.ts';
import type { OpenStore } from './open-store.ts';
import { planningConformance } from './planning.ts';
import { reconcilingConformance } from './reconciling.ts';
import { recordsConformance } from './records.ts';
import { referencesConformance } from './references.ts';
import { rejectionsConformance } from './rejections.ts';
import { runsConformance } from './runs.ts';
import { segmentsConformance } from './segments.ts';
import { settlingConformance } from './settling.ts';
import { shapesConformance } from './shapes.ts';
import { stagingConformance } from './staging.ts';
import { sweepingConformance } from './sweeping.ts';
import { unknownByHandConformance } from './unknown-by-hand.ts';
import { unknownWritesConformance } from './unknown-writes.ts';
import { upkeepConformance } from './upkeep.ts';
import { windowsConformance } from './windows.ts';

/** What the port promises, as tests that any store is held to. Each test opens an empty store of its own. */
export function ledgerConformance(openStore: OpenStore): void {
  definitionsConformance(openStore);
  runsConformance(openStore);
  segmentsConformance(openStore);
  stagingConformance(openStore);
  claimingConformance(openStore);
  settlingConformance(openStore);
  unknownWritesConformance(openStore);
  unknownByHandConformance(openStore);
  sweepingConformance(openStore);
  planningConformance(openStore);
  reconcilingConformance(openStore);
  shapesConformance(openStore);
  rejectionsConformance(openStore);
  referencesConformance(openStore);
  recordsConformance(openStore);
  lookupsConformance(openStore);
  credentialsConformance(openStore);
  limitsConformance(openStore);
  upkeepConformance(openStore);
  windowsConformance(openStore);
  auditingConformance(openStore);
  booksConformance(openStore);
}
