import type { Target } from '../connectors/ports.ts';
import { SyncError } from '../engine/errors.ts';
import { judgeFailing, judgeLost } from '../engine/poison.ts';
import type { ChangeOutcome, ClaimedBatch } from '../ledger/ledger.ts';
import { halveOrReject, hideSensitive } from './batch-outcomes.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { RunContext } from './run-context.ts';

/** Tells a record that makes the target fail from a target that is unwell, so that one does not stop the others. Remembers what passed in this attempt. */
export class PoisonWatch {
  readonly #dependencies: ActivityDependencies;
  readonly #context: RunContext;
  readonly #segment: number;
  readonly #target: Target;
  readonly #failedFirstAt = new Map<string, number>();
  #passedAt = Number.NEGATIVE_INFINITY;

  constructor(dependencies: ActivityDependencies, context: RunContext, segment: number, target: Target) {
    this.#dependencies = dependencies;
    this.#context = context;
    this.#segment = segment;
    this.#target = target;
  }

  /** The target took a batch, or refused it in so many words: it is well. */
  notePassed(): void {
    this.#passedAt = this.#dependencies.now();
  }

  /** @returns what becomes of a batch that was answered with a failure of the target's own; undefined: repeat it */
  async judge(batch: ClaimedBatch, error: SyncError): Promise<readonly ChangeOutcome[] | undefined> {
    const { status, words } = error.details;
    const ability = this.#target.abilities[batch.kind];
    if (ability === undefined || typeof status !== 'number' || status < 500) return undefined;
    const failedFirstAt = this.#failedFirstAt.get(batch.id) ?? this.#dependencies.now();
    this.#failedFirstAt.set(batch.id, failedFirstAt);
    const othersPassed = this.#passedAt > failedFirstAt;
    const verdict = judgeFailing({ records: batch.changes.length, requests: batch.attempts + 1, othersPassed, left: await this.#left() });
    if (verdict === 'repeat' || (verdict === 'single-out' && !othersPassed && !(await this.#isTargetWell()))) return undefined;
    const times = `${batch.attempts + 1} times`;
    // Halves would go under keys of their own, and the whole may have been applied under its key.
    if (!ability.isRepeatable) return hold(batch, `The target answered this write with ${status} ${times}: look there whether it was applied, then decide.`);
    const message = `The target answered ${status} to this record, ${times}${typeof words === 'string' ? `: ${words}` : ''}`;
    const outcomes = halveOrReject(batch, { reason: 'target-fails', message, retry: 'later' });
    return hideSensitive(batch, outcomes, this.#context.sensitiveFields);
  }

  /** What is not found after its answer was lost is created again: in ever smaller batches, so that a record that is never answered stands alone. */
  isolateLost(batch: ClaimedBatch, outcomes: readonly ChangeOutcome[]): readonly ChangeOutcome[] {
    const missing = new Set(outcomes.flatMap((outcome) => (outcome.outcome === 'again' && outcome.targetId === undefined ? [outcome.changeId] : [])));
    const changes = batch.changes.filter((change) => missing.has(change.id));
    const lostBefore = Math.max(0, ...changes.map((change) => change.earlierBatches));
    if (changes.length === 0 || judgeLost({ records: changes.length, lostBefore }) === 'repeat') return outcomes;
    const message = `The target never answered a write of this record, ${lostBefore + 1} times, and does not hold it.`;
    const isolated = halveOrReject({ id: batch.id, changes }, { reason: 'target-fails', message, retry: 'later' });
    return [...outcomes.filter((outcome) => !missing.has(outcome.changeId)), ...isolated];
  }

  async #left(): Promise<number | undefined> {
    const { planned, inFlight, unknown, isClosed } = await this.#dependencies.ledger.readBacklog(this.#context.run.id, this.#segment);
    return isClosed ? planned + inFlight + unknown : undefined;
  }

  async #isTargetWell(): Promise<boolean> {
    try {
      await this.#context.openConnection(this.#context.definition.sync.target.connection).probe();
      return true;
    } catch (error) {
      if (error instanceof SyncError) return false;
      throw error;
    }
  }
}

function hold(batch: ClaimedBatch, message: string): readonly ChangeOutcome[] {
  return batch.changes.map((change) => ({ changeId: change.id, outcome: 'held', reason: 'unknown', message }));
}
