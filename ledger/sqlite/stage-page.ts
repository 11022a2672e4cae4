import { laterCursorValue } from '../../engine/cursor-value.ts';
import { number, optionalText, text } from '../rows/row.ts';
import { claimLost, mayStage } from '../rows/segment-row.ts';
import { AS_GOOD_AS_FULL } from '../segment-store.ts';
import type { StagedPageTexts, StagePageTexts, TextBatch } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import { claimBatch } from './claim-batch.ts';
import type { Database } from './database.ts';
import { PageStager } from './page-stager.ts';
import { addCost, saveCounts } from './segment-row.ts';
import { keepSegmentShape } from './shape-store.ts';

/** One page in one transaction; see `SegmentStore.stagePage`. */
export function stagePage(database: Database, vault: Vault, input: StagePageTexts): StagedPageTexts {
  const { runId, segment: index } = input;
  const sql =
    'SELECT s.state, s.reader_token, s.pages, s.max_cursor_value, r.scope, r.lane FROM segments s JOIN runs r ON r.id = s.run_id WHERE s.run_id = ? AND s.idx = ?';
  const segment = database.get(sql, runId, index);
  if (!mayStage(segment, input)) throw claimLost(`segment ${index} of run ${runId}`);
  const page = new PageStager(database, vault, input, { scope: text(segment, 'scope'), lane: text(segment, 'lane') });
  page.stageAll();
  const waited = claimWaiting(database, vault, input, new Set(page.claimed.map(({ id }) => id)));
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
  return { staged: page.staged, seenAgain: page.counts.get('seen_again'), claimed: page.claimed, waited };
}

/** Whoever waits for work gets what is planned, too, where it fills a batch. */
function claimWaiting(database: Database, vault: Vault, { runId, segment, claims = [] }: StagePageTexts, used: ReadonlySet<string>): readonly TextBatch[] {
  const batches: TextBatch[] = [];
  for (const claim of claims) {
    if (used.has(claim.batchId)) continue;
    const few = AS_GOOD_AS_FULL * claim.maxRecords;
    if (countPlanned(database, runId, segment, few) < few) break;
    const claimed = claimBatch(database, vault, claim);
    if (claimed.state === 'empty') break;
    batches.push(claimed.batch);
  }
  return batches;
}

function countPlanned(database: Database, runId: string, segment: number, most: number): number {
  const sql = `SELECT count(*) AS n FROM (SELECT 1 FROM changes INDEXED BY changes_planned WHERE run_id = ? AND segment = ? AND state = 'planned' LIMIT +?)`;
  return number(database.get(sql, runId, segment, Math.ceil(most)) ?? {}, 'n');
}
