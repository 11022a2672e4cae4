import { firstTables } from './0001-first-tables.ts';
import { retries } from './0002-retries.ts';
import { limits } from './0003-limits.ts';
import { deletes } from './0004-deletes.ts';
import { reconciliations } from './0005-reconciliations.ts';
import { conflictDecisions } from './0006-conflict-decisions.ts';
import { awaitedReferences } from './0007-awaited-references.ts';
import { plannedRecords } from './0008-planned-records.ts';
import { shapes } from './0009-shapes.ts';
import { targetCounts } from './0010-target-counts.ts';
import { lanes } from './0011-lanes.ts';
import { audit } from './0012-audit.ts';
import { rememberedPages } from './0013-remembered-pages.ts';
import { incidents } from './0014-incidents.ts';
import { deliveries } from './0015-deliveries.ts';
import { requestSamples } from './0016-request-samples.ts';
import { alertPauses } from './0017-alert-pauses.ts';
import { batchJobs } from './0018-batch-jobs.ts';
import { heldUnknowns } from './0019-held-unknowns.ts';
import { unknownRecords } from './0020-unknown-records.ts';
import type { Migration } from './migration.ts';

/** All steps, in order. */
export const MIGRATIONS: readonly Migration[] = [
  firstTables,
  retries,
  limits,
  deletes,
  reconciliations,
  conflictDecisions,
  awaitedReferences,
  plannedRecords,
  shapes,
  targetCounts,
  lanes,
  audit,
  rememberedPages,
  incidents,
  deliveries,
  requestSamples,
  alertPauses,
  batchJobs,
  heldUnknowns,
  unknownRecords,
];
