import type { LimitAsk, LimitPause, LimitStore } from '../limit-store.ts';
import { type Holder, pauseOf, placesOf, readHolder, shareOf } from '../rows/limit-holder.ts';
import type { Database } from './database.ts';
import { readMeter } from './limit-meters.ts';

const JOIN = `
  INSERT INTO limit_holders VALUES (?1, ?2, ?3, ?4, 0, ?5, 0, 0, ?6)
  ON CONFLICT DO UPDATE SET weight = excluded.weight, demand = excluded.demand, places_wanted = excluded.places_wanted, expires_at = excluded.expires_at`;

export function createLimitStore(database: Database): LimitStore {
  return {
    leaseLimits: (asked) =>
      database.writeLazily(() => {
        const ask = { ...asked, at: Math.round(asked.at ?? Date.now()) };
        const { account, holder } = ask;
        const block = findBlock(database, account, ask.at);
        const holders = join(database, ask);
        const own = holders.findIndex((each) => each.holder === holder);
        const share = shareOf(holders, own);
        const places = placesOf(ask, holders, own);
        const sql = 'UPDATE limit_holders SET share = ?, places = ?, had_place_at = CASE WHEN ? THEN ? ELSE had_place_at END WHERE account = ? AND holder = ?';
        // What is under way can't be taken back.
        database.run(sql, share, Math.max(places, ask.places?.inFlight ?? 0), places > 0 ? 1 : 0, ask.at, account, holder);
        const meters = ask.meters.map((meter) => readMeter(database, ask, meter));
        return { share, holders: holders.length, places, meters, ...(block === undefined ? {} : { block }) };
      }),
    releaseLimits: (account, holder, meters, at = Date.now()) =>
      database.writeLazily(() => {
        database.run('DELETE FROM limit_holders WHERE account = ? AND holder = ?', account, holder);
        for (const meter of meters) readMeter(database, { account, leaseMs: 0, at: Math.round(at) }, { ...meter, wanted: 0 });
      }),
    blockAccount: (account, { ms, reason }, at = Date.now()) =>
      database.writeLazily(() => {
        const sql =
          'INSERT INTO limit_blocks VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET until = excluded.until, reason = excluded.reason WHERE until < excluded.until';
        database.run(sql, account, Math.round(at + ms), reason);
      }),
  };
}

/** Who shares the account now, with the one who asks. */
function join(database: Database, { account, holder, weight, demand, places, leaseMs, at }: LimitAsk & { readonly at: number }): readonly Holder[] {
  database.run('DELETE FROM limit_holders WHERE account = ? AND expires_at <= ?', account, at);
  database.run(JOIN, account, holder, weight, demand, places?.wanted ?? 0, Math.round(at + leaseMs));
  return database.all('SELECT * FROM limit_holders WHERE account = ?', account).map(readHolder);
}

function findBlock(database: Database, account: string, at: number): LimitPause | undefined {
  database.run('DELETE FROM limit_blocks WHERE account = ? AND until <= ?', account, at);
  const row = database.get('SELECT until, reason FROM limit_blocks WHERE account = ?', account);
  return row === undefined ? undefined : pauseOf(row, at);
}
