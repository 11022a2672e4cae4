import { CHANGE_KINDS, type ChangeKind } from '../../engine/outcome.ts';
import type { ClaimedText } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import { number, optionalText, type Row, text } from './row.ts';

export function readKind(row: Row): ChangeKind {
  const kind = CHANGE_KINDS.find((known) => known === row['kind']);
  if (kind === undefined) throw new Error(`not a kind of change: ${String(row['kind'])}`);
  return kind;
}

/** A change as its sender gets it, its payload opened. */
export function readClaimedChange(vault: Vault, row: Row): ClaimedText {
  const targetId = optionalText(row, 'target_id');
  const sourceVersion = optionalText(row, 'source_version');
  return {
    id: number(row, 'id'),
    key: text(row, 'key'),
    kind: readKind(row),
    payload: vault.open(text(row, 'payload')),
    contentHash: text(row, 'content_hash'),
    earlierBatches: optionalText(row, 'earlier_batches')?.split(',').length ?? 0,
    ...(targetId === undefined ? {} : { targetId }),
    ...(sourceVersion === undefined ? {} : { sourceVersion }),
  };
}
