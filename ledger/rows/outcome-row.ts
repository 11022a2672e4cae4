import { CHANGE_KINDS, OUTCOMES } from '../../engine/outcome.ts';
import type { RunOutcome, RunOutcomes } from '../outcome-store.ts';
import type { Vault } from '../vault.ts';
import { readRejection } from './record-row.ts';
import { defined, number, optionalText, type Row, text } from './row.ts';

/** Where a page of outcomes begins: what was sent comes before what reading decided. */
export interface OutcomePlace {
  readonly part: 'sent' | 'read';
  readonly batchId: string;
  readonly id: number;
}

export const FIRST_OUTCOME: OutcomePlace = { part: 'sent', batchId: '', id: 0 };

/** As `outcomesOf` wrote it. */
export function placeOf(after: string | undefined): OutcomePlace {
  const [part, batchId = '', id = '0'] = (after ?? '').split(':');
  return after === undefined ? FIRST_OUTCOME : { part: part === 'read' ? 'read' : 'sent', batchId, id: Number(id) };
}

/** @param rows of one more than the page holds, if there are so many */
export function outcomesOf(vault: Vault, rows: readonly Row[], limit: number): RunOutcomes {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const outcomes = page.map((row) => readOutcome(vault, row));
  if (last === undefined || rows.length <= limit) return { outcomes };
  return { outcomes, next: [text(last, 'part'), optionalText(last, 'batch_id') ?? '', number(last, 'id')].join(':') };
}

function readOutcome(vault: Vault, row: Row): RunOutcome {
  const outcome = OUTCOMES.find((one) => one === row['outcome']) ?? 'held';
  return defined({
    key: text(row, 'key'),
    outcome,
    kind: CHANGE_KINDS.find((one) => one === row['kind']),
    targetId: optionalText(row, 'target_id'),
    reason: outcome === 'held' ? (optionalText(row, 'reason') ?? 'unknown') : undefined,
    rejection: outcome === 'rejected' ? readRejection(vault, optionalText(row, 'rejection')) : undefined,
  });
}
