import { Context } from '@temporalio/activity';
import type { Target } from '../connectors/ports.ts';
import { type Lookup, lookedUp, severalThere } from '../engine/looked-up.ts';
import { isShown } from '../engine/shown-text.ts';
import type { ChangeOutcome, ClaimedBatch } from '../ledger/ledger.ts';

/** Looks the records of a batch up by match key, and decides what is to be done with each. What knows its target id is not asked for. */
export async function searchOutcomes(target: Target, batch: ClaimedBatch, lookup: Lookup): Promise<readonly ChangeOutcome[]> {
  const matches = batch.changes.flatMap((change) => (change.targetId === undefined ? [change.match] : []));
  const found = await target.search(matches, Context.current().cancellationSignal);
  return batch.changes.map((change) => {
    const outcome = change.targetId === undefined ? lookedUp(change, found.get(change.match) ?? [], lookup) : ({ outcome: 'again' } as const);
    return { changeId: change.id, ...outcome };
  });
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
    if (others.length > 0) return { changeId, ...severalThere(others.length + 1) };
    return isShown(fields, hit.fields)
      ? { changeId, outcome: 'unchanged', targetId: hit.id }
      : { changeId, outcome: 'skipped', reason: 'differs', targetId: hit.id };
  });
}
