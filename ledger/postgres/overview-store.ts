import type { OverviewStore } from '../overview-store.ts';
import { inOrderOf, readAccountUse } from '../rows/overview-row.ts';
import type { Database } from './database.ts';
import { readRun } from './run-row.ts';

/** By the index of scope and time: the newest one without a lane, then windows by the index of those that are open. */
const CURRENT = `
  SELECT r.* FROM unnest($1::text[]) s(scope) CROSS JOIN LATERAL (
    SELECT * FROM runs WHERE scope = s.scope AND lane = '' ORDER BY requested_at DESC, id DESC LIMIT 1) r
  UNION ALL
  SELECT r.* FROM unnest($1::text[]) s(scope) CROSS JOIN LATERAL (
    SELECT * FROM runs WHERE scope = s.scope AND lane <> '' AND state IN ('running', 'paused') OFFSET 0) r`;

const HOLDERS = 'SELECT * FROM limit_holders WHERE account = ANY($1::text[]) AND expires_at > $2 ORDER BY holder';
/** A quota is counted in a hundred parts, as its meter has it. */
const QUOTAS = `
  SELECT account, per_ms, sum(uses) AS used, max(count) AS count FROM limit_uses LEFT JOIN limit_quotas USING (account, per_ms)
  WHERE account = ANY($1::text[]) AND bucket * greatest(1, (per_ms + 99) / 100) + greatest(1, (per_ms + 99) / 100) + per_ms > $2
  GROUP BY account, per_ms ORDER BY per_ms`;
const BLOCKS = 'SELECT * FROM limit_blocks WHERE account = ANY($1::text[]) AND until > $2';

export function createOverviewStore(database: Database): OverviewStore {
  return {
    listCurrentRuns: async (scopes) => {
      const rows = await database.all(CURRENT, scopes);
      return inOrderOf(scopes, await Promise.all(rows.map((row) => readRun(database, row))));
    },
    readAccountUse: async (accounts, at) => {
      const of = (sql: string) => database.all(sql, accounts, Math.round(at));
      const [holders, quotas, blocks] = await Promise.all([of(HOLDERS), of(QUOTAS), of(BLOCKS)]);
      return accounts.map((account) => readAccountUse(account, { holders, quotas, blocks }));
    },
  };
}
