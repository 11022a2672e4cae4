import { AUDIT_COLUMNS, chainedRow } from '../audit/chain.ts';
import type { AuditStore } from '../audit-store.ts';
import { readAuditEntry, readHead } from '../rows/audit-row.ts';
import type { Database } from './database.ts';

const INSERT = `INSERT INTO audit (${AUDIT_COLUMNS.join(', ')}) VALUES (${AUDIT_COLUMNS.map(() => '?').join(', ')})`;
const LIST = 'SELECT * FROM audit WHERE project = ?1 AND profile = ?2 AND (?3 IS NULL OR sync = ?3) AND at >= ?4 ORDER BY n DESC LIMIT ?5';

export function createAuditStore(database: Database): AuditStore {
  return {
    // A writing transaction is the only one of its moment: nobody adds between the look at the last entry and the next one.
    appendAudit: (input, { isOncePerRun = false } = {}) =>
      database.write(() => {
        const { runId, action } = input;
        if (isOncePerRun && database.get('SELECT n FROM audit WHERE run_id = ? AND action = ?', runId ?? null, action) !== undefined) return;
        const last = readHead(database.get('SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1'));
        database.run(INSERT, ...chainedRow(input, last));
      }),
    listAudit: ({ project, profile, sync, since, limit }) =>
      database.read(() => database.all(LIST, project, profile, sync ?? null, Math.round(since ?? 0), limit).map(readAuditEntry)),
  };
}
