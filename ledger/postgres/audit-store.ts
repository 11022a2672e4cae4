import { AUDIT_COLUMNS, chainedRow } from '../audit/chain.ts';
import type { AuditStore } from '../audit-store.ts';
import { readAuditEntry, readHead } from '../rows/audit-row.ts';
import type { Database } from './database.ts';
import { lockAudit } from './locks.ts';

const INSERT = `INSERT INTO audit (${AUDIT_COLUMNS.join(', ')}) VALUES (${AUDIT_COLUMNS.map((_, n) => `$${n + 1}`).join(', ')})`;
const LIST = 'SELECT * FROM audit WHERE project = $1 AND profile = $2 AND ($3::text IS NULL OR sync = $3) AND at >= $4 ORDER BY n DESC LIMIT $5';

export function createAuditStore(database: Database): AuditStore {
  return {
    appendAudit: (input, { isOncePerRun = false } = {}) =>
      database.write(async (session) => {
        await lockAudit(session);
        const { runId, action } = input;
        if (isOncePerRun && (await session.get('SELECT n FROM audit WHERE run_id = $1 AND action = $2', runId ?? null, action)) !== undefined) return;
        const last = readHead(await session.get('SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1'));
        await session.run(INSERT, ...chainedRow(input, last));
      }),
    listAudit: async ({ project, profile, sync, since, limit }) =>
      (await database.all(LIST, project, profile, sync ?? null, Math.round(since ?? 0), limit)).map(readAuditEntry),
  };
}
