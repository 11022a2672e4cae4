import type { BatchAnswer, WriteResult } from '../connectors/ports.ts';
import { assertNever } from '../engine/assert-never.ts';
import type { Rejection } from '../engine/errors.ts';
import { NamedHider } from '../engine/hide-named.ts';
import { halveBatch } from '../engine/split.ts';
import type { ChangeOutcome, ClaimedBatch, ClaimedChange } from '../ledger/ledger.ts';
import type { SenderParts } from './sender-parts.ts';

/** After so many requests a record that no answer ever mentions is held for a person. */
const MENTION_ATTEMPTS = 5;
/** So often a record is sent again because the target had no time for it. */
const PUT_OFFS = 10;
/** So often a record is read again because others changed it meanwhile (412). */
const MOVES = 5;

interface OutcomeTerms {
  /** Target fields whose values the API's own words must not give away. */
  readonly sensitive: readonly string[];
  /** What is to be updated by its id and has gone is made anew by an upsert: not where only what is there is changed, nor by a run that sends parts, or keeps to a plan. */
  readonly makesAnew: boolean;
}

export function outcomeTerms({ target, context }: Pick<SenderParts, 'target' | 'context'>): OutcomeTerms {
  const { references, plan } = context.run.options;
  const makesAnew = target.abilities.upsert !== undefined && context.mode !== 'update' && references !== true && plan === undefined;
  return { sensitive: context.sensitiveFields, makesAnew };
}

/** What an answer means for each change of its batch. A change the answer does not mention is left out: it stays unknown. */
export function outcomesOf(batch: ClaimedBatch, answer: BatchAnswer, { sensitive, makesAnew }: OutcomeTerms): readonly ChangeOutcome[] {
  const outcomes = hideSensitive(batch, readOutcomes(batch, answer), sensitive);
  return makesAnew ? outcomes.map((outcome) => madeAnew(batch, outcome)) : outcomes;
}

function madeAnew({ changes }: ClaimedBatch, outcome: ChangeOutcome): ChangeOutcome {
  const { changeId } = outcome;
  if (outcome.outcome !== 'rejected' || outcome.rejection.reason !== 'target-missing') return outcome;
  const isArchive = changes.some(({ id, contentHash }) => id === changeId && contentHash === 'archived');
  return isArchive ? outcome : { changeId, outcome: 'again', kind: 'upsert' };
}

/** The API's own words of a rejection, without what its record hides. */
export function hideSensitive(batch: ClaimedBatch, outcomes: readonly ChangeOutcome[], sensitive: readonly string[]): readonly ChangeOutcome[] {
  const fields = new Map(batch.changes.map((change) => [change.id, change.fields]));
  return outcomes.map((outcome) => {
    if (outcome.outcome !== 'rejected') return outcome;
    const { rejection, changeId } = outcome;
    const hider = new NamedHider(sensitive);
    hider.hideFields(fields.get(changeId) ?? {});
    return { ...outcome, rejection: { ...rejection, message: hider.hideValues(rejection.message) } };
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

const PUT_OFF: Rejection = { reason: 'target-fails', message: `The target had no time for this record, ${PUT_OFFS + 1} times.`, retry: 'later' };

function outcomeOf(batch: ClaimedBatch, change: ClaimedChange, result: WriteResult): readonly ChangeOutcome[] {
  const changeId = change.id;
  switch (result.outcome) {
    case 'written': {
      const created = result.created ?? (batch.kind === 'create' ? true : batch.kind === 'update' ? false : undefined);
      const targetId = result.targetId ?? change.targetId;
      const more = { ...(created === undefined ? {} : { created }), ...(targetId === undefined ? {} : { targetId }) };
      return [{ changeId, outcome: 'written', ...more, ...(change.told === undefined ? {} : { told: change.told }) }];
    }
    case 'rejected':
      return [{ changeId, outcome: 'rejected', rejection: result.rejection }];
    case 'again':
      if (change.earlierBatches < PUT_OFFS) return [{ changeId, outcome: 'again' }];
      return [{ changeId, outcome: 'rejected', rejection: PUT_OFF }];
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
