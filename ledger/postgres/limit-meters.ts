import type { LimitAsk, MeterAsk } from '../limit-store.ts';
import { number } from '../rows/row.ts';
import type { Session, Value } from './session.ts';

/** A quota is counted in so many parts of its time: a part is forgotten as a whole, when all of it is out of every window. */
const PARTS = 100;

type Granted = { readonly granted: number; readonly waitMs: number };
type Quota = Extract<MeterAsk, { readonly kind: 'quota' }>;
type Spaced = Extract<MeterAsk, { readonly kind: 'spaced' }>;

const FORGET = 'DELETE FROM limit_uses WHERE account = $1 AND per_ms = $2 AND bucket * $3 + $4 <= $5';
const USED = 'SELECT coalesce(sum(uses), 0) AS n, min(bucket) FILTER (WHERE uses > 0) AS oldest FROM limit_uses WHERE account = $1 AND per_ms = $2';
const USE = 'INSERT INTO limit_uses AS known VALUES ($1, $2, $3, $4) ON CONFLICT (account, per_ms, bucket) DO UPDATE SET uses = known.uses + excluded.uses';
const SPACE = 'INSERT INTO limit_slots VALUES ($1, $2, $3) ON CONFLICT (account, per_ms) DO UPDATE SET next_at = excluded.next_at';

/** For those who look on: also of a quota that only the API's own answers have told of. */
const QUOTA = `
  INSERT INTO limit_quotas AS known VALUES ($1, $2, $3)
  ON CONFLICT (account, per_ms) DO UPDATE SET count = excluded.count WHERE known.count <> excluded.count`;

/** Under the lock of the account: takes what the holder lacks from the meter, as far as there is any, or gives back what it has too much. */
export function readMeter(
  session: Session,
  { account, leaseMs, at }: Pick<LimitAsk, 'account' | 'leaseMs'> & { readonly at: number },
  meter: MeterAsk,
): Promise<Granted> {
  return meter.kind === 'quota' ? takeOfQuota(session, account, meter, leaseMs, at) : takeSpaced(session, account, meter, at);
}

async function takeOfQuota(session: Session, account: string, meter: Quota, leaseMs: number, at: number): Promise<Granted> {
  const partMs = Math.max(1, Math.ceil(meter.perMs / PARTS));
  // What is had in a part is used up to a lease later.
  const leavesAfterMs = partMs + meter.perMs + leaseMs;
  await session.run(FORGET, account, meter.perMs, partMs, leavesAfterMs, at);
  if (meter.wanted < meter.held) await giveBackToQuota(session, account, meter);
  const used = (await session.get(USED, account, meter.perMs)) ?? {};
  const least = Math.max(1, meter.least ?? 1);
  const free = Math.max(0, Math.min(meter.wanted - meter.held, meter.count - number(used, 'n')));
  const granted = meter.held + free < least ? 0 : free;
  await session.run(QUOTA, account, meter.perMs, meter.count);
  if (granted > 0) await session.run(USE, account, meter.perMs, Math.floor(at / partMs), granted);
  if (meter.held + granted >= least || meter.wanted === 0) return { granted, waitMs: 0 };
  const oldest = typeof used['oldest'] === 'number' ? used['oldest'] : 0;
  return { granted, waitMs: Math.max(1, oldest * partMs + leavesAfterMs - at) };
}

async function giveBackToQuota(session: Session, account: string, { perMs, held, wanted }: Quota): Promise<void> {
  let left = held - wanted;
  for (const row of await session.all('SELECT bucket, uses FROM limit_uses WHERE account = $1 AND per_ms = $2 ORDER BY bucket DESC', account, perMs)) {
    const back = Math.min(left, number(row, 'uses'));
    const sql = 'UPDATE limit_uses SET uses = uses - $4 WHERE account = $1 AND per_ms = $2 AND bucket = $3';
    await session.run(sql, account, perMs, number(row, 'bucket'), back);
    left -= back;
    if (left === 0) return;
  }
}

async function takeSpaced(session: Session, account: string, { perMs, intervalMs, held, wanted }: Spaced, at: number): Promise<Granted> {
  const nextAt = await numberOf(session, 'SELECT next_at AS n FROM limit_slots WHERE account = $1 AND per_ms = $2', account, perMs);
  const save = (value: number) => session.run(SPACE, account, perMs, value);
  if (wanted < held) await save(nextAt - (held - wanted) * intervalMs);
  if (wanted <= held) return { granted: 0, waitMs: 0 };
  if (nextAt > at) return { granted: 0, waitMs: nextAt - at };
  await save(at + (wanted - held) * intervalMs);
  return { granted: wanted - held, waitMs: 0 };
}

async function numberOf(session: Session, sql: string, ...values: readonly Value[]): Promise<number> {
  const value = (await session.get(sql, ...values))?.['n'];
  return typeof value === 'number' ? value : 0;
}
