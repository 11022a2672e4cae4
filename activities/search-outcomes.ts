import { Context } from '@temporalio/activity';
import type { Target } from '../connectors/ports.ts';
import type { JsonObject } from '../engine/json.ts';
import type { ChangeOutcome, ClaimedBatch, ClaimedChange } from '../ledger/ledger.ts';

/**
 * Looks the records of a batch of creates up by match key. Not found: create. Found once: after a lost answer and with the fields that were sent it is that write;
 * otherwise an update by id. Found twice: nobody guesses.
 */
export async function searchOutcomes(target: Target, batch: ClaimedBatch, when: 'before-create' | 'after-lost-answer'): Promise<readonly ChangeOutcome[]> {
  const matches = batch.changes.map((change) => change.match);
  const found = await target.search(matches, Context.current().cancellationSignal);
  return batch.changes.map((change) => outcomeOf(change, found.get(change.match) ?? [], when));
}

function outcomeOf(
  change: ClaimedChange,
  hits: readonly { readonly id: string; readonly fields: JsonObject }[],
  when: 'before-create' | 'after-lost-answer',
): ChangeOutcome {
  const [hit, second] = hits;
  if (hit === undefined) return { changeId: change.id, outcome: 'again', kind: 'create' };
  if (second !== undefined) {
    return {
      changeId: change.id,
      outcome: 'held',
      reason: 'conflict',
      message: `The target has ${hits.length} records with this match key: merge them there, then retry.`,
    };
  }
  if (when === 'after-lost-answer' && isWhatWasSent(change.fields, hit.fields))
    return { changeId: change.id, outcome: 'written', created: true, targetId: hit.id };
  return { changeId: change.id, outcome: 'again', kind: 'update', targetId: hit.id };
}

/** Targets answer numbers as text and nulls as absent: compared as text. A mere difference of form costs an update that changes nothing. */
function isWhatWasSent(sent: JsonObject, found: JsonObject): boolean {
  return Object.entries(sent).every(([name, value]) => asText(value) === asText(found[name]));
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
