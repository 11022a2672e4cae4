import type { JsonObject } from './json.ts';
import type { ChangeKind, SyncMode } from './outcome.ts';
import { isShown } from './shown-text.ts';

/** Why a record is looked up in the target, and what its sync may do. */
export interface Lookup {
  readonly when: 'before-sending' | 'after-lost-answer';
  readonly mode: SyncMode;
}

/** What is to be done with a record that was looked up. */
export type LookedUp =
  /** The write whose answer was lost was done. */
  | { readonly outcome: 'written'; readonly created: true; readonly targetId: string }
  | { readonly outcome: 'skipped'; readonly reason: 'not-in-target' | 'exists'; readonly targetId?: string }
  /** It is sent: as this kind, where that is another than it was. */
  | { readonly outcome: 'again'; readonly kind?: 'create' | 'update'; readonly targetId?: string }
  | { readonly outcome: 'held'; readonly reason: 'conflict'; readonly message: string };

/**
 * Not found: create, where the mode does. Found once: after a lost answer and with the fields that were sent it is that write; otherwise an update by id, where the mode does.
 * Found twice: nobody guesses.
 * @param hits the records of the target that have its match value
 */
export function lookedUp(
  change: { readonly kind: ChangeKind; readonly fields: JsonObject },
  hits: readonly { readonly id: string; readonly fields: JsonObject }[],
  { when, mode }: Lookup,
): LookedUp {
  const [hit, second] = hits;
  if (hit === undefined) return mode === 'update' ? { outcome: 'skipped', reason: 'not-in-target' } : { outcome: 'again', kind: 'create' };
  if (second !== undefined && mode !== 'insert') return severalThere(hits.length);
  if (when === 'after-lost-answer' && isShown(change.fields, hit.fields)) return { outcome: 'written', created: true, targetId: hit.id };
  if (mode === 'insert') return { outcome: 'skipped', reason: 'exists', targetId: hit.id };
  return { outcome: 'again', targetId: hit.id, ...(change.kind === 'create' ? { kind: 'update' } : {}) };
}

export function severalThere(count: number): Extract<LookedUp, { readonly outcome: 'held' }> {
  return { outcome: 'held', reason: 'conflict', message: `The target has ${count} records with this match key: merge them there, then retry.` };
}
