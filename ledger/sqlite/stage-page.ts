import { laterCursorValue } from '../../engine/cursor-value.ts';
import { optionalText, text } from '../rows/row.ts';
import { claimLost } from '../rows/segment-row.ts';
import type { StagePageTexts } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { PageStager } from './page-stager.ts';
import { addCost, saveCounts } from './segment-row.ts';
import { keepSegmentShape } from './shape-store.ts';

/** One page in one transaction; see `SegmentStore.stagePage`. */
export function stagePage(database: Database, vault: Vault, input: StagePageTexts): { readonly staged: number; readonly seenAgain: number } {
  const { runId, segment: index } = input;
  const sql =
    'SELECT s.state, s.reader_token, s.max_cursor_value, r.scope, r.lane FROM segments s JOIN runs r ON r.id = s.run_id WHERE s.run_id = ? AND s.idx = ?';
  const segment = database.get(sql, runId, index);
  if (segment === undefined || optionalText(segment, 'reader_token') !== input.token || text(segment, 'state') !== 'open')
    throw claimLost(`segment ${index} of run ${runId}`);
  const page = new PageStager(database, vault, input, { scope: text(segment, 'scope'), lane: text(segment, 'lane') });
  page.stageAll();
  database.run(
    `UPDATE segments SET cursor = ?, is_last = ?, pages = pages + 1, records = records + ?, bytes = bytes + ?, failures = 0, first_failure_at = NULL,
       max_cursor_value = ? WHERE run_id = ? AND idx = ?`,
    input.nextCursor === undefined ? null : vault.write(input.nextCursor, input.isSealed),
    input.isLast ? 1 : 0,
    input.records.length,
    input.bytes,
    laterCursorValue(optionalText(segment, 'max_cursor_value'), input.maxCursorValue) ?? null,
    runId,
    index,
  );
  if (input.shape !== undefined) keepSegmentShape(database, runId, index, input.shape);
  addCost(database, runId, index, input.cost);
  saveCounts(database, page.counts, runId, index);
  return { staged: page.staged, seenAgain: page.counts.get('seen_again') };
}
