import type { LimitAsk, MeterAsk } from '../limit-store.ts';
import { number } from '../rows/row.ts';
import type { Database } from './database.ts';

/** A quota is counted in so many parts of its time: a part is forgotten as a whole, when all of it is out of every window. */
const PARTS = 100;

/** For those who look on: also of a quota that only the API's own answers have told of. */
const QUOTA = 'INSERT INTO limit_quotas VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = excluded.count WHERE count <> excluded.count';

type Granted = { readonly granted: number; readonly waitMs: number };
type Quota = Extract<MeterAsk, { readonly kind: 'quota' }>;
type Spaced = Extract<MeterAsk, { readonly kind: 'spaced' }>;

/** Inside a transaction: takes what the holder lacks from the meter, as far as there is any, or gives back what it has too much. */
export function readMeter(
  database: Database,
  { account, leaseMs, at }: Pick<LimitAsk, 'account' | 'leaseMs'> & { readonly at: number },
  meter: MeterAsk,
): Granted {
  return meter.kind === 'quota' ? takeOfQuota(database, account, meter, leaseMs, at) : takeSpaced(database, account, meter, at);
}

function takeOfQuota(database: Database, account: string, meter: Quota, leaseMs: number, at: number): Granted {
  const partMs = Math.max(1, Math.ceil(meter.perMs / PARTS));
  // What is had in a part is used up to a lease later.
  const leavesAfterMs = partMs + meter.perMs + leaseMs;
  database.run('DELETE FROM limit_uses WHERE account = ? AND per_ms = ? AND bucket * ? + ? <= ?', account, meter.perMs, partMs, leavesAfterMs, at);
  if (meter.wanted < meter.held) giveBackToQuota(database, account, meter);
  const used = numberOf(database, 'SELECT coalesce(sum(uses), 0) AS n FROM limit_uses WHERE account = ? AND per_ms = ?', account, meter.perMs) ?? 0;
  const least = Math.max(1, meter.least ?? 1);
  const free = Math.max(0, Math.min(meter.wanted - meter.held, meter.count - used));
  const granted = meter.held + free < least ? 0 : free;
  database.run(QUOTA, account, meter.perMs, meter.count);
  if (granted > 0) {
    const sql = 'INSERT INTO limit_uses VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET uses = uses + excluded.uses';
    database.run(sql, account, meter.perMs, Math.floor(at / partMs), granted);
  }
  if (meter.held + granted >= least || meter.wanted === 0) return { granted, waitMs: 0 };
  const oldest = numberOf(database, 'SELECT min(bucket) AS n FROM limit_uses WHERE account = ? AND per_ms = ? AND uses > 0', account, meter.perMs);
  return { granted, waitMs: Math.max(1, (oldest ?? 0) * partMs + leavesAfterMs - at) };
}

function giveBackToQuota(database: Database, account: string, { perMs, held, wanted }: Quota): void {
  let left = held - wanted;
  for (const row of database.all('SELECT bucket, uses FROM limit_uses WHERE account = ? AND per_ms = ? ORDER BY bucket DESC', account, perMs)) {
    const back = Math.min(left, number(row, 'uses'));
    database.run('UPDATE limit_uses SET uses = uses - ? WHERE account = ? AND per_ms = ? AND bucket = ?', back, account, perMs, number(row, 'bucket'));
    left -= back;
    if (left === 0) return;
  }
}

function takeSpaced(database: Database, account: string, { perMs, intervalMs, held, wanted }: Spaced, at: number): Granted {
  const nextAt = numberOf(database, 'SELECT next_at AS n FROM limit_slots WHERE account = ? AND per_ms = ?', account, perMs) ?? 0;
  const save = (value: number) =>
    database.run('INSERT INTO limit_slots VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET next_at = excluded.next_at', account, perMs, value);
  if (wanted < held) save(nextAt - (held - wanted) * intervalMs);
  if (wanted <= held) return { granted: 0, waitMs: 0 };
  if (nextAt > at) return { granted: 0, waitMs: nextAt - at };
  save(at + (wanted - held) * intervalMs);
  return { granted: wanted - held, waitMs: 0 };
}

function numberOf(database: Database, sql: string, ...values: readonly (string | number)[]): number | undefined {
  const value = database.get(sql, ...values)?.['n'];
  return typeof value === 'number' ? value : undefined;
}
