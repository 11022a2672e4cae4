import type { BatchAnswer, WriteResult } from '../connectors/ports.ts';
import { assertNever } from '../engine/assert-never.ts';
import type { Rejection } from '../engine/errors.ts';
import { hideValues } from '../engine/hide-values.ts';
import { halveBatch } from '../engine/split.ts';
import type { ChangeOutcome, ClaimedBatch, ClaimedChange } from '../ledger/ledger.ts';

/** After so many requests a record that no answer ever mentions is held for a person. */
const MENTION_ATTEMPTS = 5;
/** So often a record is read again because others changed it meanwhile (412). */
const MOVES = 5;

/**
 * What an answer means for each change of its batch. A change the answer does not mention is left out: it stays unknown.
 * @param sensitive target fields whose values the API's own words must not give away
 */
export function outcomesOf(batch: ClaimedBatch, answer: BatchAnswer, sensitive: readonly string[]): readonly ChangeOutcome[] {
  return hideSensitive(batch, readOutcomes(batch, answer), sensitive);
}

/** The API's own words of a rejection, without what its record hides. */
export function hideSensitive(batch: ClaimedBatch, outcomes: readonly ChangeOutcome[], sensitive: readonly string[]): readonly ChangeOutcome[] {
  const fields = new Map(batch.changes.map((change) => [change.id, change.fields]));
  return outcomes.map((outcome) => {
    if (outcome.outcome !== 'rejected') return outcome;
    const { rejection, changeId } = outcome;
    return { ...outcome, rejection: { ...rejection, message: hideValues(rejection.message, fields.get(changeId) ?? {}, sensitive) } };
  });
}

function readOutcomes(batch: ClaimedBatch, answer: BatchAnswer): readonly ChangeOutcome[] {
  switch (answer.answer) {
    case 'results':
      return batch.changes.flatMap((change, index) => outcomeOf(batch, change, answer.results[index] ?? { outcome: 'unknown' }));
    case 'refused':
      return halveOrReject(batch, answer.rejection);
    case 'too-large':
      return halveOrReject(batch, TOO_LARGE);
    default:
      return assertNever(answer);
  }
}

const TOO_LARGE: Rejection = { reason: 'too-large', message: 'The record is larger than the API takes in one request (413).', retry: 'never' };

function outcomeOf(batch: ClaimedBatch, change: ClaimedChange, result: WriteResult): readonly ChangeOutcome[] {
  const changeId = change.id;
  switch (result.outcome) {
    case 'written': {
      const created = result.created ?? (batch.kind === 'create' ? true : batch.kind === 'update' ? false : undefined);
      const targetId = result.targetId ?? change.targetId;
      return [{ changeId, outcome: 'written', ...(created === undefined ? {} : { created }), ...(targetId === undefined ? {} : { targetId }) }];
    }
    case 'rejected':
      return [{ changeId, outcome: 'rejected', rejection: result.rejection }];
    case 'again':
      return [{ changeId, outcome: 'again' }];
    case 'moved':
      if (change.earlierBatches < MOVES) return [{ changeId, outcome: 'again' }];
      return [
        {
          changeId,
          outcome: 'held',
          reason: 'conflict',
          message: `It was changed in the target ${MOVES + 1} times, each time between reading and writing it.`,
        },
      ];
    case 'unknown':
      if (batch.attempts < MENTION_ATTEMPTS) return [];
      return [{ changeId, outcome: 'held', reason: 'unknown', message: 'The target answered, and never mentioned this record.' }];
    default:
      return assertNever(result);
  }
}

/** A refused batch that names no record is halved until the bad ones stand alone: log2(n) requests for each. What is alone is rejected. */
export function halveOrReject(batch: Pick<ClaimedBatch, 'id' | 'changes'>, rejection: Rejection): readonly ChangeOutcome[] {
  const halves = halveBatch(
    batch.id,
    batch.changes.map((change) => change.id),
  );
  if (halves === undefined) return batch.changes.map((change) => ({ changeId: change.id, outcome: 'rejected', rejection }));
  return halves.flatMap(({ ids, batchLimit, group }) => ids.map((changeId) => ({ changeId, outcome: 'again', batchLimit, group }) as const));
}
