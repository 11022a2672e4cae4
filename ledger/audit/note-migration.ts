import type { AuditSource, AuditStore } from '../audit-store.ts';

/** Where opening a ledger has brought its tables up to date: says so in its audit log, in the name of whoever opened it. */
export async function noteMigration(store: AuditStore, opener: AuditSource | undefined, from: number | undefined, to: number): Promise<void> {
  if (from === undefined || opener === undefined) return;
  await store.appendAudit({ ...opener, at: Date.now(), action: 'ledger.migrated', details: { from, to } });
}
