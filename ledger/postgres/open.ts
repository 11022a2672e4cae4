import { noteMigration } from '../audit/note-migration.ts';
import type { AuditSource } from '../audit-store.ts';
import type { TextLedger } from '../text-ledger.ts';
import { createSampleStore } from '../upkeep/create-sample-store.ts';
import { createStandingStore } from '../upkeep/create-standing-store.ts';
import { createUpkeepStore } from '../upkeep/create-upkeep-store.ts';
import type { Vault } from '../vault.ts';
import { createAuditStore } from './audit-store.ts';
import { createChangeStore } from './change-store.ts';
import { createConflictStore } from './conflict-store.ts';
import { createCredentialStore } from './credential-store.ts';
import { Database } from './database.ts';
import { createDefinitionStore } from './definition-store.ts';
import { createDeleteStore } from './delete-store.ts';
import { createDeliveryStore } from './delivery-store.ts';
import { createDriftStore } from './drift-store.ts';
import { createIncidentStore } from './incident-store.ts';
import { createKeeper } from './keeper.ts';
import { checkKey } from './key-check.ts';
import { createLimitStore } from './limit-store.ts';
import { createLogStore } from './log-store.ts';
import { createLookupStore } from './lookup-store.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { createOutcomeStore } from './outcome-store.ts';
import { createOverviewStore } from './overview-store.ts';
import { createPageMemory } from './page-memory.ts';
import { createPlanStore } from './plan-store.ts';
import { createRecordStore } from './record-store.ts';
import { createRunStore } from './run-store.ts';
import { createSegmentStore } from './segment-store.ts';
import { createShapeStore } from './shape-store.ts';
import { createTimelineStore } from './timeline-store.ts';
import { createTrendStore } from './trend-store.ts';
import { createUnknownStore } from './unknown-store.ts';

/** The ledger in a PostgreSQL database, its tables brought up to date. @throws SyncError STORE_UNAVAILABLE; SECRET_MISSING where it was written with another encryption key */
export async function openPostgresLedger(url: string, vault: Vault, opener?: AuditSource): Promise<TextLedger> {
  const database = new Database(url);
  try {
    const migratedFrom = await migrate(database);
    await checkKey(database, vault);
    await noteMigration(createAuditStore(database), opener, migratedFrom, MIGRATIONS.length);
  } catch (error) {
    await database.close();
    throw error;
  }
  const keeper = createKeeper(database);
  return {
    ...createDefinitionStore(database),
    ...createRunStore(database),
    ...createSegmentStore(database, vault),
    ...createChangeStore(database, vault),
    ...createRecordStore(database, vault),
    ...createUnknownStore(database, vault),
    ...createDeleteStore(database, vault),
    ...createDriftStore(database, vault),
    ...createShapeStore(database),
    ...createTimelineStore(database),
    ...createTrendStore(database),
    ...createOverviewStore(database),
    ...createLogStore(database, vault),
    ...createOutcomeStore(database, vault),
    ...createLookupStore(database, vault),
    ...createConflictStore(database, vault),
    ...createPlanStore(database),
    ...createPageMemory(database, vault),
    ...createIncidentStore(database),
    ...createDeliveryStore(database, vault),
    ...createCredentialStore(database, vault),
    ...createLimitStore(database),
    ...createAuditStore(database),
    ...createSampleStore(keeper, vault),
    ...createStandingStore(keeper),
    ...createUpkeepStore(keeper),
    close: () => database.close(),
  };
}
