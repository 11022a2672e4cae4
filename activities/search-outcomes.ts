import { Context } from '@temporalio/activity';
import type { Target } from '../connectors/ports.ts';
import type { JsonObject } from '../engine/json.ts';
import type { SyncMode } from '../engine/outcome.ts';
import { isShown } from '../engine/shown-text.ts';
import type { ChangeOutcome, ClaimedBatch, ClaimedChange } from '../ledger/ledger.ts';

/** Why records are looked up, and what their sync may do. */
interface Lookup {
  readonly when: 'before-sending' | 'after-lost-answer';
  readonly mode: SyncMode;
}

/**
 * Looks the records of a batch up by match key. Not found: create, where the mode does. Found once: after a lost answer and with the fields that were sent it is that
 * write; otherwise an update by id, where the mode does. Found twice: nobody guesses. What knows its target id is not asked for.
 */
export async function searchOutcomes(target: Target, batch: ClaimedBatch, lookup: Lookup): Promise<readonly ChangeOutcome[]> {
  const matches = batch.changes.flatMap((change) => (change.targetId === undefined ? [change.match] : []));
  const found = await target.search(matches, Context.current().cancellationSignal);
  return batch.changes.map((change) =>
    change.targetId === undefined ? outcomeOf(change, found.get(change.match) ?? [], lookup) : { changeId: change.id, outcome: 'again' },
  );
}

/** Looks the records of a batch up and sends none: what the target has already is known by its id from now on, and counts as told where it is just what would be sent. */
export async function adoptOutcomes(target: Target, batch: ClaimedBatch): Promise<readonly ChangeOutcome[]> {
  const found = await target.search(
    batch.changes.map(({ match }) => match),
    Context.current().cancellationSignal,
  );
  return batch.changes.map(({ id: changeId, match, fields }) => {
    const [hit, ...others] = found.get(match) ?? [];
    if (hit === undefined) return { changeId, outcome: 'skipped', reason: 'not-in-target' };
    if (others.length > 0) return several(changeId, others.length + 1);
    return isShown(fields, hit.fields)
      ? { changeId, outcome: 'unchanged', targetId: hit.id }
      : { changeId, outcome: 'skipped', reason: 'differs', targetId: hit.id };
  });
}

function several(changeId: number, count: number): ChangeOutcome {
  return { changeId, outcome: 'held', reason: 'conflict', message: `The target has ${count} records with this match key: merge them there, then retry.` };
}

function outcomeOf(change: ClaimedChange, hits: readonly { readonly id: string; readonly fields: JsonObject }[], { when, mode }: Lookup): ChangeOutcome {
  const [hit, second] = hits;
  const changeId = change.id;
  if (hit === undefined) return mode === 'update' ? { changeId, outcome: 'skipped', reason: 'not-in-target' } : { changeId, outcome: 'again', kind: 'create' };
  if (second !== undefined && mode !== 'insert') return several(changeId, hits.length);
  if (when === 'after-lost-answer' && isShown(change.fields, hit.fields)) return { changeId, outcome: 'written', created: true, targetId: hit.id };
  if (mode === 'insert') return { changeId, outcome: 'skipped', reason: 'exists', targetId: hit.id };
  return { changeId, outcome: 'again', targetId: hit.id, ...(change.kind === 'create' ? { kind: 'update' } : {}) };
}
