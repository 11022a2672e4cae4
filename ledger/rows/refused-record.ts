import type { RefusedRecord } from '../record-store.ts';
import type { Vault } from '../vault.ts';
import { optionalText, type Row, text } from './row.ts';

export function readRefusedRecord(vault: Vault, row: Row): RefusedRecord {
  const kept = optionalText(row, 'rejected_source');
  const source = kept === undefined ? {} : vault.readObject(kept);
  return { key: text(row, 'key'), ...(Object.keys(source).length === 0 ? {} : { source }) };
}
