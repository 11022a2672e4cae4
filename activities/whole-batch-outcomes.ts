import type { ClaimedBatch } from '../ledger/ledger.ts';

/** Surely not applied: planned again. */
export function againAll(batch: ClaimedBatch) {
  return batch.changes.map((change) => ({ changeId: change.id, outcome: 'again' }) as const);
}

/** The mode writes nothing over: what others changed stays, and what was told stands. */
export function leaveAll(batch: ClaimedBatch) {
  return batch.changes.map(({ id, targetId }) => ({ changeId: id, outcome: 'unchanged', ...(targetId === undefined ? {} : { targetId }) }) as const);
}

/** A person looks, and decides. */
export function holdAll(batch: ClaimedBatch) {
  const message = 'The answer to this write was lost, and the target cannot be searched: look there, then decide.';
  return batch.changes.map((change) => ({ changeId: change.id, outcome: 'held', reason: 'unknown', message }) as const);
}
