import { compareCursorValues } from '../../engine/cursor-value.ts';
import type { ChangeKind, HoldReason } from '../../engine/outcome.ts';
import type { ClaimInput } from '../ledger.ts';
import { number, optionalNumber, optionalText, type Row, text } from './row.ts';

/** What becomes of a planned change that is not to be sent. */
export interface Unsent {
  readonly outcome: 'unchanged' | 'superseded' | 'held' | 'skipped';
  readonly reason?: HoldReason | 'exists';
  readonly note?: string;
}

/**
 * The recheck of a claim, against what became of the record since the change was staged: what the target has by now is not sent, what was observed before that is
 * out of date, and what exists by now is not created: `row` then becomes an update. @returns undefined where it is to be sent
 */
export function decideUnsent(row: Row, claim: Pick<ClaimInput, 'maxRecordsByKind' | 'ifExists' | 'isByVersion'>): Unsent | undefined {
  const { maxRecordsByKind: kinds, ifExists } = claim;
  if (optionalNumber(row, 'has_unknown') === 1)
    return { outcome: 'held', reason: 'unknown', note: 'an earlier write of this record got no answer and is not yet resolved' };
  const toldHash = optionalText(row, 'told_hash');
  if (toldHash === text(row, 'content_hash')) return { outcome: 'unchanged' };
  // What was deleted, and observed before that, is not to return.
  if ((toldHash !== undefined || optionalText(row, 'told_by') === 'delete') && isOutOfDate(row, claim.isByVersion === true)) return { outcome: 'superseded' };
  return row['kind'] === 'create' ? turnIntoUpdate(row, toldHash !== undefined, kinds, ifExists) : undefined;
}

/** Of a change that is as the target was told: as of when, and in which version, that is known from now on. */
export function confirmedBy(row: Row): { readonly observedAt: number; readonly version: string | undefined } {
  const [version, told] = [optionalText(row, 'source_version'), optionalText(row, 'told_version')];
  const isNewer = version !== undefined && (told === undefined || compareCursorValues(version, told) > 0);
  return { observedAt: number(row, 'observed_at'), version: isNewer ? version : told };
}

/** Against what the target was told: by version where both have one that differs, else by when they were observed. */
function isOutOfDate(row: Row, isByVersion: boolean): boolean {
  const observedAt = number(row, 'observed_at');
  // Beside the live run: that one has looked since, and there was nothing to change.
  if ((optionalNumber(row, 'found_unchanged_at') ?? 0) > observedAt) return true;
  const [version, told] = [optionalText(row, 'source_version'), optionalText(row, 'told_version')];
  const order = version === undefined || told === undefined ? 0 : compareCursorValues(version, told);
  if (order > 0) return false;
  return (optionalNumber(row, 'told_at') ?? 0) > observedAt || (isByVersion && order < 0);
}

/** What exists in the target, or may exist, is never created: neither this record, nor another one with the same match value. */
function turnIntoUpdate(row: Row, wasTold: boolean, kinds: ClaimInput['maxRecordsByKind'], ifExists: ClaimInput['ifExists']): Unsent | undefined {
  const otherId = optionalText(row, 'other_target_id');
  if (!wasTold && otherId === undefined && optionalText(row, 'target_id') === undefined) {
    if (optionalNumber(row, 'other_unknown') !== 1) return undefined;
    return {
      outcome: 'held',
      reason: 'duplicate-match-key',
      note: 'another record was sent under this match value, and whether it arrived is not known: decide about that one first',
    };
  }
  if (ifExists === 'skip') return { outcome: 'skipped', reason: 'exists' };
  const targetId = optionalText(row, 'target_id') ?? (otherId === '' ? undefined : otherId);
  if (kinds !== undefined && kinds.update === undefined)
    return { outcome: 'held', reason: 'conflict', note: 'the target has this record by now, and takes no updates' };
  if (targetId === undefined && !wasTold)
    return { outcome: 'held', reason: 'duplicate-match-key', note: 'another record was written under this match value, and the target told no id of it' };
  row['kind'] = 'update' satisfies ChangeKind;
  row['target_id'] = targetId ?? null;
  return undefined;
}
