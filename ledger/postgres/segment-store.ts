import { SyncError } from '../../engine/errors.ts';
import type { Segment, SegmentStore } from '../ledger.ts';
import { number } from '../rows/row.ts';
import { claimLost, readSegmentRow } from '../rows/segment-row.ts';
import type { TextLedger } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { lockScopeOfRun } from './locks.ts';
import type { Session } from './session.ts';
import { stagePage } from './stage-page.ts';

/** A segment begins where the one before has ended, whoever names it first. */
const OPEN = `
  INSERT INTO segments (run_id, idx, state, cursor, is_last, max_cursor_value, opened_at)
  SELECT $1, $2::integer, $3, before.cursor, coalesce(before.is_last, 0), before.max_cursor_value, $4::bigint
  FROM (SELECT 1) AS one LEFT JOIN segments before ON before.run_id = $1 AND before.idx = $2::integer - 1 ON CONFLICT DO NOTHING`;

const CLAIM = `UPDATE segments SET reader_token = $3 WHERE run_id = $1 AND idx = $2 AND state = 'open'`;
const BEGIN_SYNCING = `UPDATE runs SET phase = 'syncing' WHERE id = $1 AND phase IN ('planning', 'lookups') AND ended_at IS NULL`;
const CLOSE = `UPDATE segments SET state = $4, is_last = $5 WHERE run_id = $1 AND idx = $2 AND reader_token = $3 AND state = 'open'`;
const ABORT = `UPDATE segments SET state = 'aborted', reader_token = NULL WHERE run_id = $1 AND idx = $2 AND state = 'open'`;
const FAIL = `
  UPDATE segments SET failures = failures + 1, first_failure_at = coalesce(first_failure_at, $3) WHERE run_id = $1 AND idx = $2 RETURNING failures, first_failure_at`;

export function createSegmentStore(database: Database, vault: Vault): Pick<TextLedger, keyof SegmentStore> {
  const find = async (session: Session, runId: string, index: number): Promise<Segment | undefined> => {
    const row = await session.get('SELECT * FROM segments WHERE run_id = $1 AND idx = $2', runId, index);
    return row === undefined ? undefined : readSegmentRow(vault, row);
  };
  const mustFind = async (session: Session, runId: string, index: number): Promise<Segment> => {
    const segment = await find(session, runId, index);
    if (segment !== undefined) return segment;
    throw new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message: `The ledger does not know segment ${index} of run ${runId}.` });
  };
  const inOrder = oneAfterTheOther();
  // A reader that is in the midst of a page is let finish it.
  const steer = <Result>(runId: string, work: (session: Session) => Promise<Result>) =>
    database.write(async (session) => {
      await lockScopeOfRun(session, runId);
      return work(session);
    });

  return {
    openSegment: (runId, index, at) =>
      steer(runId, async (session) => {
        await session.run(OPEN, runId, index, 'open', at);
        return mustFind(session, runId, index);
      }),
    readSegment: (runId, index) => find(database, runId, index),
    claimReader: (runId, index, token) =>
      steer(runId, async (session) => {
        await session.run(CLAIM, runId, index, token);
        await session.run(BEGIN_SYNCING, runId);
        return mustFind(session, runId, index);
      }),
    stagePage: (input) => inOrder(`${input.runId} ${input.segment}`, () => database.write((session) => stagePage(session, vault, input))),
    closeSegment: (runId, index, token, end) =>
      steer(runId, async (session) => {
        const closed = await session.run(CLOSE, runId, index, token, end.state, end.isLast ? 1 : 0);
        if (closed === 0) throw claimLost(`segment ${index} of run ${runId}`);
      }),
    abortSegment: (runId, index) =>
      steer(runId, async (session) => {
        await session.run(OPEN, runId, index, 'aborted', 0);
        await session.run(ABORT, runId, index);
      }),
    countFailure: (runId, index, at) =>
      database.write(async (session) => {
        await session.run(OPEN, runId, index, 'open', at);
        const row = (await session.get(FAIL, runId, index, at)) ?? {};
        return { count: number(row, 'failures'), sinceMs: number(row, 'first_failure_at') };
      }),
  };
}

/** Each connection is a session of its own: what must keep its order is asked for one after the other. */
function oneAfterTheOther() {
  const last = new Map<string, Promise<unknown>>();
  return async <Result>(place: string, work: () => Promise<Result>): Promise<Result> => {
    const before = last.get(place);
    const result = before === undefined ? work() : before.then(work, work);
    last.set(place, result);
    try {
      return await result;
    } finally {
      if (last.get(place) === result) last.delete(place);
    }
  };
}
