import { laterCursorValue } from '../../engine/cursor-value.ts';
import { optionalText, text } from '../rows/row.ts';
import { claimLost, mayStage } from '../rows/segment-row.ts';
import type { StagedPageTexts, StagePageTexts } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import { lockScopeOfRun } from './locks.ts';
import { PageStager } from './page-stager.ts';
import { readSeen } from './seen-records.ts';
import { saveCounts } from './segment-row.ts';
import type { Session } from './session.ts';
import { keepSegmentShape } from './shape-store.ts';

const FIND =
  'SELECT s.state, s.reader_token, s.pages, s.max_cursor_value, r.scope, r.lane FROM segments s JOIN runs r ON r.id = s.run_id WHERE s.run_id = $1 AND s.idx = $2';

const MOVE_ON = `
  UPDATE segments SET cursor = $3, is_last = $4, pages = pages + 1, records = records + $5, bytes = bytes + $6, failures = 0, first_failure_at = NULL,
    max_cursor_value = $7 WHERE run_id = $1 AND idx = $2 AND reader_token = $8 AND state = 'open'`;

/** One page in one transaction; see `SegmentStore.stagePage`. */
export async function stagePage(session: Session, vault: Vault, input: StagePageTexts): Promise<StagedPageTexts> {
  const { runId, segment: index, records } = input;
  await lockScopeOfRun(session, runId);
  const segment = await session.get(FIND, runId, index);
  if (!mayStage(segment, input)) throw claimLost(`segment ${index} of run ${runId}`);
  const reader = { scope: text(segment, 'scope'), lane: text(segment, 'lane'), runId };
  const seen = await readSeen(session, reader, [...new Set(records.map(({ key }) => key))]);
  const page = new PageStager(session, vault, input, reader, seen);
  await page.stageAll();
  const moved = await session.run(
    MOVE_ON,
    runId,
    index,
    input.nextCursor === undefined ? null : vault.write(input.nextCursor, input.isSealed),
    input.isLast ? 1 : 0,
    records.length,
    input.bytes,
    laterCursorValue(optionalText(segment, 'max_cursor_value'), input.maxCursorValue) ?? null,
    input.token,
  );
  if (moved === 0) throw claimLost(`segment ${index} of run ${runId}`);
  if (input.shape !== undefined) await keepSegmentShape(session, runId, index, input.shape);
  await saveCounts(session, page.counts, runId, index, input.cost);
  return { staged: page.staged, seenAgain: page.counts.get('seen_again'), claimed: [], waited: [] };
}
