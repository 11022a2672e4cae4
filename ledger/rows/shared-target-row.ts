import type { SharedTarget } from '../record-store.ts';
import type { Vault } from '../vault.ts';
import { readPayload } from './payload.ts';
import { defined, optionalText, type Row, text } from './row.ts';

/** @param keys the one told last first */
export function readSharedTarget(vault: Vault, row: Row, keys: readonly string[]): SharedTarget {
  const payload = optionalText(row, 'payload');
  return defined({
    ref: text(row, 'ref'),
    targetId: optionalText(row, 'target_id'),
    match: payload === undefined ? undefined : readPayload(vault, payload).match,
    keys,
  });
}
