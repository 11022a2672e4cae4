import type { OverviewStore } from '../overview-store.ts';
import { inOrderOf, readAccountUse } from '../rows/overview-row.ts';
import type { Database } from './database.ts';
import { readRun } from './run-row.ts';

/** By the index of scope and time: the newest one without a lane, then windows by the index of those that are open. */
const CURRENT = `
  SELECT r.* FROM json_each(?1) s CROSS JOIN runs r ON r.id = (
    SELECT id FROM runs WHERE scope = s.value AND lane = '' ORDER BY requested_at DESC, id DESC LIMIT 1)
  UNION ALL
  SELECT r.* FROM json_each(?1) s CROSS JOIN runs r ON r.scope = s.value AND r.lane <> '' AND r.state IN ('running', 'paused')`;

const OF_ACCOUNTS = 'account IN (SELECT value FROM json_each(?1))';
const HOLDERS = `SELECT * FROM limit_holders WHERE ${OF_ACCOUNTS} AND expires_at > ?2 ORDER BY holder`;
/** A quota is counted in a hundred parts, as its meter has it. */
const QUOTAS = `
  SELECT account, per_ms, sum(uses) AS used, max(count) AS count FROM limit_uses LEFT JOIN limit_quotas USING (account, per_ms)
  WHERE ${OF_ACCOUNTS} AND bucket * max(1, (per_ms + 99) / 100) + max(1, (per_ms + 99) / 100) + per_ms > ?2 GROUP BY account, per_ms ORDER BY per_ms`;
const BLOCKS = `SELECT * FROM limit_blocks WHERE ${OF_ACCOUNTS} AND until > ?2`;

export function createOverviewStore(database: Database): OverviewStore {
  return {
    listCurrentRuns: (scopes) =>
      database.read(() => {
        const runs = database.all(CURRENT, JSON.stringify(scopes)).map((row) => readRun(database, row));
        return inOrderOf(scopes, runs);
      }),
    readAccountUse: (accounts, at) =>
      database.read(() => {
        const of = (sql: string) => database.all(sql, JSON.stringify(accounts), Math.round(at));
        const rows = { holders: of(HOLDERS), quotas: of(QUOTAS), blocks: of(BLOCKS) };
        return accounts.map((account) => readAccountUse(account, rows));
      }),
  };
}
