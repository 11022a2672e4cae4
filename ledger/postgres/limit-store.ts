import type { LimitAsk, LimitPause, LimitStore } from '../limit-store.ts';
import { type Holder, pauseOf, placesOf, readHolder, shareOf } from '../rows/limit-holder.ts';
import type { Database } from './database.ts';
import { readMeter } from './limit-meters.ts';
import { lockAccount } from './locks.ts';
import { readNow } from './server-clock.ts';
import type { Session } from './session.ts';

const LEAVE = 'DELETE FROM limit_holders WHERE account = $1 AND expires_at <= $2';

const JOIN = `
  INSERT INTO limit_holders VALUES ($1, $2, $3, $4, 0, $5, 0, 0, $6)
  ON CONFLICT (account, holder) DO UPDATE SET weight = excluded.weight, demand = excluded.demand, places_wanted = excluded.places_wanted, expires_at = excluded.expires_at`;

const LEASE = 'UPDATE limit_holders SET share = $3, places = $4, had_place_at = CASE WHEN $5 THEN $6 ELSE had_place_at END WHERE account = $1 AND holder = $2';

const BLOCK = `
  INSERT INTO limit_blocks AS known VALUES ($1, $2, $3)
  ON CONFLICT (account) DO UPDATE SET until = excluded.until, reason = excluded.reason WHERE known.until < excluded.until`;

/** A lease that a dying server takes with it is asked for again, as one that has run out. */
export function createLimitStore(database: Database): LimitStore {
  return {
    leaseLimits: (asked) =>
      database.writeLazily(async (session) => {
        const { account, holder } = asked;
        await lockAccount(session, account);
        const ask = { ...asked, at: Math.round(asked.at ?? (await readNow(session))) };
        const block = await findBlock(session, account, ask.at);
        const holders = await join(session, ask);
        const own = holders.findIndex((each) => each.holder === holder);
        const share = shareOf(holders, own);
        const places = placesOf(ask, holders, own);
        // What is under way can't be taken back.
        await session.run(LEASE, account, holder, share, Math.max(places, ask.places?.inFlight ?? 0), places > 0, ask.at);
        const meters = [];
        for (const meter of ask.meters) meters.push(await readMeter(session, ask, meter));
        return { share, holders: holders.length, places, meters, ...(block === undefined ? {} : { block }) };
      }),
    releaseLimits: (account, holder, meters, at) =>
      database.writeLazily(async (session) => {
        await lockAccount(session, account);
        await session.run('DELETE FROM limit_holders WHERE account = $1 AND holder = $2', account, holder);
        const now = Math.round(at ?? (await readNow(session)));
        for (const meter of meters) await readMeter(session, { account, leaseMs: 0, at: now }, { ...meter, wanted: 0 });
      }),
    blockAccount: async (account, { ms, reason }, at) =>
      void (await database.writeLazily(async (session) => session.run(BLOCK, account, Math.round((at ?? (await readNow(session))) + ms), reason))),
  };
}

/** Who shares the account now, with the one who asks. */
async function join(
  session: Session,
  { account, holder, weight, demand, places, leaseMs, at }: LimitAsk & { readonly at: number },
): Promise<readonly Holder[]> {
  await session.run(LEAVE, account, at);
  await session.run(JOIN, account, holder, weight, demand, places?.wanted ?? 0, Math.round(at + leaseMs));
  return (await session.all('SELECT * FROM limit_holders WHERE account = $1 ORDER BY holder', account)).map(readHolder);
}

async function findBlock(session: Session, account: string, at: number): Promise<LimitPause | undefined> {
  const row = await session.get('SELECT until, reason FROM limit_blocks WHERE account = $1 AND until > $2', account, at);
  return row === undefined ? undefined : pauseOf(row, at);
}
