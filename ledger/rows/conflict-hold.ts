import type { ConflictHold } from '../conflict-store.ts';
import type { Vault } from '../vault.ts';
import { number, optionalText, type Row, text } from './row.ts';

export function readConflictHold(vault: Vault, row: Row): ConflictHold {
  const note = optionalText(row, 'note');
  return {
    key: text(row, 'key'),
    runId: text(row, 'run_id'),
    at: number(row, 'settled_at'),
    message: note === undefined ? 'both sides changed it' : vault.readText(note),
  };
}

/** What a person decided, as the record's story tells it. */
export function wordsOfDecision(take: 'source' | 'target'): string {
  return `a person took the value of the ${take}${take === 'source' ? ': the next run writes it' : ': it stays as it is there'}`;
}
