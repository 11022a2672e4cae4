import { Context } from '@temporalio/activity';
import type { Target } from '../connectors/ports.ts';
import type { JsonObject } from '../engine/json.ts';
import type { SyncMode } from '../engine/outcome.ts';
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

function outcomeOf(change: ClaimedChange, hits: readonly { readonly id: string; readonly fields: JsonObject }[], { when, mode }: Lookup): ChangeOutcome {
  const [hit, second] = hits;
  const changeId = change.id;
  if (hit === undefined) return mode === 'update' ? { changeId, outcome: 'skipped', reason: 'not-in-target' } : { changeId, outcome: 'again', kind: 'create' };
  if (second !== undefined && mode !== 'insert') {
    const message = `The target has ${hits.length} records with this match key: merge them there, then retry.`;
    return { changeId, outcome: 'held', reason: 'conflict', message };
  }
  if (when === 'after-lost-answer' && isWhatWasSent(change.fields, hit.fields)) return { changeId, outcome: 'written', created: true, targetId: hit.id };
  if (mode === 'insert') return { changeId, outcome: 'skipped', reason: 'exists', targetId: hit.id };
  return { changeId, outcome: 'again', targetId: hit.id, ...(change.kind === 'create' ? { kind: 'update' } : {}) };
}

/** Targets answer numbers as text and nulls as absent: compared as text. A mere difference of form costs an update that changes nothing. */
function isWhatWasSent(sent: JsonObject, found: JsonObject): boolean {
  return Object.entries(sent).every(([name, value]) => asText(value) === asText(found[name]));
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
