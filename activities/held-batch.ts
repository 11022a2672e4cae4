import type { UnknownBatch } from '../ledger/ledger.ts';

/** A batch as last seen, the caller's own or one that nobody settles: who has taken it since holds another token. */
export type HeldBatch = Pick<UnknownBatch, 'id' | 'token'> & (UnknownBatch | { readonly changes: readonly unknown[] });

/** Its writer is gone: neither is it the caller's own, nor let go of because its answer was lost or the target works at its job. */
export function isLeftBehind(held: HeldBatch): boolean {
  return 'state' in held && held.state === 'sending' && (held.job === undefined || held.job.state === 'open');
}
