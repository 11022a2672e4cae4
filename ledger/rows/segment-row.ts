import { SyncError } from '../../engine/errors.ts';
import type { Outcome } from '../../engine/outcome.ts';
import type { Segment, StagePageInput } from '../ledger.ts';
import type { Vault } from '../vault.ts';
import { number, optionalNumber, optionalText, type Row, text } from './row.ts';

/** Counters of records; each is a column of `segments`. */
type Counter = Outcome | 'taken' | 'retried' | 'seen_again' | 'created' | 'updated';

const ENDS: readonly Outcome[] = ['written', 'unchanged', 'skipped', 'superseded', 'rejected'];

/** Of a segment. */
export const FAILURES_FORGOTTEN = ['failures = 0', 'first_failure_at = NULL'] as const;

/** What one transaction adds to the counters of a segment. */
export class Counts {
  readonly #added = new Map<Counter, number>();

  add(counter: Counter, by = 1): void {
    this.#added.set(counter, this.get(counter) + by);
  }

  /** One record written; `created` as its change has it: 1, 0, or null where the target does not say. */
  addWritten(created: number | undefined, by: 1 | -1): void {
    this.add('written', by);
    if (created !== undefined) this.add(created === 1 ? 'created' : 'updated', by);
  }

  get(counter: Counter): number {
    return this.#added.get(counter) ?? 0;
  }

  /** What is set in a segment once something became of its records: failures before are no longer in a row. */
  get forgetsFailures(): readonly string[] {
    return ENDS.some((outcome) => this.get(outcome) > 0) ? FAILURES_FORGOTTEN : [];
  }

  /** What was added to each column, in the order of their names. */
  added(): readonly (readonly [Counter, number])[] {
    return [...this.#added].toSorted(([one], [other]) => (one < other ? -1 : 1));
  }
}

export function readSegmentRow(vault: Vault, row: Row): Segment {
  const state = text(row, 'state');
  const cursor = optionalText(row, 'cursor');
  return {
    runId: text(row, 'run_id'),
    index: number(row, 'idx'),
    state: state === 'open' || state === 'aborted' ? state : 'complete',
    cursor: cursor === undefined ? undefined : vault.read(cursor),
    isLast: number(row, 'is_last') === 1,
    records: number(row, 'records'),
    bytes: number(row, 'bytes'),
    pages: number(row, 'pages'),
    openedAt: number(row, 'opened_at'),
    maxCursorValue: optionalText(row, 'max_cursor_value'),
    failuresWithoutProgress: number(row, 'failures'),
    firstFailureAt: optionalNumber(row, 'first_failure_at'),
  };
}

/** Whether a page comes from the segment's reader, and next: one whose predecessor was not staged would leave a gap behind its cursor. */
export function mayStage(segment: Row | undefined, { token, pagesBefore }: Pick<StagePageInput, 'token' | 'pagesBefore'>): segment is Row {
  if (segment === undefined || optionalText(segment, 'reader_token') !== token || segment['state'] !== 'open') return false;
  return pagesBefore === undefined || number(segment, 'pages') === pagesBefore;
}

export function claimLost(what: string): SyncError {
  return new SyncError({
    code: 'CLAIM_LOST',
    retry: 'never',
    message: `Another attempt has taken over ${what}, or it has ended: this one has changed nothing.`,
  });
}
