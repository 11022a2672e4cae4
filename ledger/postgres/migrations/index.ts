import { firstTables } from './0001-first-tables.ts';
import { lanes } from './0002-lanes.ts';
import { audit } from './0003-audit.ts';
import { rememberedPages } from './0004-remembered-pages.ts';
import { incidents } from './0005-incidents.ts';
import { deliveries } from './0006-deliveries.ts';
import { requestSamples } from './0007-request-samples.ts';
import { alertPauses } from './0008-alert-pauses.ts';
import { batchJobs } from './0009-batch-jobs.ts';
import { heldUnknowns } from './0010-held-unknowns.ts';
import { unknownRecords } from './0011-unknown-records.ts';
import { changesByBatch } from './0012-changes-by-batch.ts';
import type { Migration } from './migration.ts';

/** All steps, in order. */
export const MIGRATIONS: readonly Migration[] = [
  firstTables,
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
  changesByBatch,
];
