import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { BatchAnswer, Permit, WriteAbility } from '../connectors/ports.ts';
import { SyncError } from '../engine/errors.ts';
import type { SyncMode } from '../engine/outcome.ts';
import { activityRetryDelay, requestRetryDelay } from '../engine/retry-timing.ts';
import type { ClaimedBatch, ClaimInput, UnknownBatch } from '../ledger/ledger.ts';
import { outcomesOf, outcomeTerms } from './batch-outcomes.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { FieldMerger, type SentFields } from './field-merger.ts';
import { type HeldBatch, isLeftBehind } from './held-batch.ts';
import { isByJob, neverBegan, sendWithinMs } from './job-batch.ts';
import { JobSender } from './job-sender.ts';
import { AttemptLog } from './request-meter.ts';
import { adoptOutcomes, searchOutcomes } from './search-outcomes.ts';
import type { SenderParts } from './sender-parts.ts';
import { meterBatch } from './step-meter.ts';
import { isStoreAway, whileStoreReturns } from './while-store-returns.ts';
import { againAll, holdAll, leaveAll } from './whole-batch-outcomes.ts';

/** Requests that one batch may cost within one activity attempt before the wait becomes durable. */
const QUICK_REPEATS = 5;

interface Renewal {
  /** By change: what is sent in the place of all its fields. */
  readonly toSend?: ReadonlyMap<number, SentFields> | undefined;
  /** It may have been applied, and only the idempotency key of this very batch keeps it from being applied twice. */
  readonly isUnderItsKey?: boolean;
}

/** Sends one claimed batch and settles what became of it: the write protocol of design.md section 5. */
export class BatchSender {
  readonly #parts: SenderParts;
  readonly #merger: FieldMerger;
  readonly #jobs: JobSender;
  /** Requests that surely never arrived, in a row. */
  #unreachable = 0;

  /** Answers in a row that put records off, and until when none is claimed for that. */
  #putOffs = 0;
  #restsUntil = 0;

  constructor(parts: SenderParts) {
    this.#parts = parts;
    this.#merger = new FieldMerger(parts.dependencies, parts.context, parts.target);
    this.#jobs = new JobSender({
      ...parts,
      settle: (batch, outcomes, log) => this.#settle(batch, outcomes, log),
      afterFailure: (batch, log, error) => this.#afterFailure(batch, log, error),
      checkClaim: (batch) => this.#checkClaim(batch),
    });
  }

  /** The target asked for time: nothing more is claimed for a moment. */
  get isResting(): boolean {
    return this.#parts.dependencies.now() < this.#restsUntil;
  }

  /** A batch that was claimed before there was a permit for it: where none is had, it is planned again. @throws as `send` */
  async sendHanded(batch: ClaimedBatch, acquirePermit: () => Promise<Permit>): Promise<void> {
    let permit: Permit;
    try {
      permit = await acquirePermit();
    } catch (error) {
      await this.#settle(batch, againAll(batch)).catch(ignoreClaimLost);
      this.#parts.unknown.releaseToken(batch.token);
      throw error;
    }
    await this.send(batch, permit);
  }

  /** @throws SyncError where the whole attempt should wait or stop; the batch is settled, unknown or planned again by then */
  async send(batch: ClaimedBatch, permit: Permit): Promise<void> {
    const { unknown, target, context } = this.#parts;
    unknown.holdToken(batch.token);
    try {
      if (context.run.options.adopt === true) {
        permit.release();
        await this.#settle(batch, await adoptOutcomes(target, batch));
      } else if (mustLookFirst(batch, context.mode) && target.canSearch) {
        // The search takes a place of its own: holding one meanwhile could starve it.
        permit.release();
        if (!(await this.#settleExisting(batch))) await this.#renewAndSend(batch);
      } else if (this.#merger.isNeeded(batch)) {
        permit.release();
        await this.#mergeAndSend(batch, false);
      } else {
        await this.#sendAndSettle(batch, permit);
      }
    } catch (error) {
      if (!isClaimLost(error)) throw error;
      // Another attempt holds the batch now, and settles it.
    } finally {
      permit.release();
      unknown.releaseToken(batch.token);
    }
  }

  /** A claim that the ledger may have made, and did not answer: nothing of it was sent, so it is planned again. Where the ledger stays away, it is a write without an answer. */
  async giveBack({ batchId, token: from }: Pick<ClaimInput, 'batchId' | 'token'>): Promise<void> {
    const { ledger, now, makeToken } = this.#parts.dependencies;
    try {
      const taking = { batchId, from, token: makeToken(), sendBy: now(), isRenewal: true };
      const batch = await whileStoreReturns(this.#parts.dependencies, () => ledger.takeOver({ ...taking, at: now() }));
      await this.#settle(batch, againAll(batch));
    } catch (error) {
      if (!isStoreAway(error)) ignoreClaimLost(error);
    }
  }

  /** Looks into a write whose answer was lost: sends it again where that does no harm, else searches, else holds it for a person. */
  async resolve(lost: UnknownBatch): Promise<void> {
    const { unknown, target, poison, context, dependencies } = this.#parts;
    try {
      const ability = target.abilities[lost.kind];
      if ((lost.job !== undefined && lost.job.state !== 'gone') || neverBegan(target, lost)) {
        await this.#withClaim(lost, (batch) => this.#jobs.goOn(batch));
      } else if (ability !== undefined && isRepeatable(ability, lost, dependencies.now())) {
        this.#parts.meter.countRetry();
        if (this.#merger.isNeeded(lost)) await this.#withClaim(lost, (batch) => this.#mergeAndSend(batch, true));
        else await this.#renewAndSend(lost, { isUnderItsKey: !ability.isRepeatable });
      } else {
        await this.#withClaim(lost, async (batch) => {
          const found = target.canSearch ? await searchOutcomes(target, batch, { when: 'after-lost-answer', mode: context.mode }) : holdAll(batch);
          await this.#settle(batch, poison.isolateLost(batch, found));
        });
      }
    } catch (error) {
      if (!isClaimLost(error)) throw error;
    } finally {
      unknown.finish(lost.id);
    }
  }

  /** What others changed there is looked at first. Where something is settled by that, the rest is planned again, and sent next time. */
  async #mergeAndSend(batch: ClaimedBatch, isRepeat: boolean): Promise<void> {
    const { settled, toSend } = await this.#merger.merge(batch, isRepeat);
    if (settled.length === 0) return this.#renewAndSend(batch, { toSend });
    const decided = new Set(settled.map(({ changeId }) => changeId));
    const others = batch.changes.filter(({ id }) => !decided.has(id)).map(({ id }) => ({ changeId: id, outcome: 'again' }) as const);
    await this.#settle(batch, [...settled, ...others]);
  }

  /** A permit first, then a young claim, then the request. */
  async #renewAndSend(held: HeldBatch, { toSend, isUnderItsKey = false }: Renewal = {}): Promise<void> {
    const permit = await this.#parts.target.acquirePermit(Context.current().cancellationSignal);
    try {
      await this.#withClaim(held, (batch) => this.#sendAndSettle(withFields(batch, toSend), permit, isUnderItsKey));
    } finally {
      permit.release();
    }
  }

  async #withClaim(held: HeldBatch, work: (batch: ClaimedBatch) => Promise<void>): Promise<void> {
    const { ledger, now, makeToken } = this.#parts.dependencies;
    const token = makeToken();
    this.#parts.unknown.holdToken(token);
    try {
      const sendBy = now() + sendWithinMs('size' in held ? held.size : held.changes.length);
      await work(await ledger.takeOver({ batchId: held.id, from: held.token, token, sendBy, at: now(), isRenewal: !isLeftBehind(held) }));
    } finally {
      this.#parts.unknown.releaseToken(token);
    }
  }

  /** Creates whose record the target already has become updates, as the mode allows. @returns false when all are to be sent as they are */
  async #settleExisting(batch: ClaimedBatch): Promise<boolean> {
    const outcomes = await searchOutcomes(this.#parts.target, batch, { when: 'before-sending', mode: this.#parts.context.mode });
    const isNew = outcomes.every((outcome) => outcome.outcome === 'again' && outcome.targetId === undefined);
    if (!isNew) await this.#settle(batch, outcomes);
    return !isNew;
  }

  async #sendAndSettle(batch: ClaimedBatch, permit: Permit, isUnderItsKey = false): Promise<void> {
    const { kind, changes } = batch;
    if (this.#parts.context.mode === 'insert' && kind !== 'create') return this.#settle(batch, leaveAll(batch));
    if (isByJob(this.#parts.target, { kind, size: changes.length })) return this.#jobs.begin(batch, permit);
    const log = new AttemptLog();
    let answer: BatchAnswer;
    try {
      answer = await this.#parts.target.send({
        id: batch.id,
        kind: batch.kind,
        records: batch.changes,
        permit,
        observer: log,
        checkBeforeDispatch: () => this.#checkClaim(batch),
      });
    } catch (error) {
      return this.#afterFailure(batch, log, error, isUnderItsKey);
    }
    // What fails from here on has nothing to do with the target, and says nothing of the write.
    this.#unreachable = 0;
    this.#parts.poison.notePassed();
    await this.#settle(batch, outcomesOf(batch, answer, outcomeTerms(this.#parts)), log);
    if (answer.answer === 'too-large') await this.#parts.limits.learn(batch);
    this.#noteRest(answer.answer === 'results' && answer.results.some(({ outcome }) => outcome === 'again'));
  }

  /** Records that the target had no time for are not asked about at once. */
  #noteRest(isPutOff: boolean): void {
    const { now, random } = this.#parts.dependencies;
    this.#putOffs = isPutOff ? this.#putOffs + 1 : 0;
    if (isPutOff) this.#restsUntil = now() + requestRetryDelay({ failures: this.#putOffs, random });
  }

  /** The last look before a byte leaves: the claim is still ours, and young, and so is the attempt. */
  async #checkClaim(batch: ClaimedBatch): Promise<void> {
    const { ledger, now } = this.#parts.dependencies;
    this.#parts.pulse.throwIfLost();
    const isOurs = await ledger.holdsBatch(batch.id, batch.token);
    if (isOurs && now() <= batch.sendBy) return;
    throw new SyncError({
      code: 'CLAIM_LOST',
      retry: { afterMs: 100 },
      message: 'The claim on a batch grew too old before it could be sent; nothing was sent.',
    });
  }

  /** @param isUnderItsKey it may have been applied before: that this request surely was not says nothing of that, and under another key it would be applied again */
  async #afterFailure(batch: ClaimedBatch, log: AttemptLog, error: unknown, isUnderItsKey = false): Promise<void> {
    if (error instanceof SyncError && error.code !== 'WRITE_OUTCOME_UNKNOWN') {
      if (isUnderItsKey) await this.#markUnknown(batch, log);
      else await this.#settle(batch, againAll(batch), log);
      await this.#pauseOrThrow(error);
      if (isUnderItsKey) this.#parts.unknown.repeatAfter(batch.id, 0);
      return;
    }
    const isolated = error instanceof SyncError ? await this.#parts.poison.judge(batch, error) : undefined;
    if (isolated !== undefined) return this.#settle(batch, isolated, log);
    await this.#markUnknown(batch, log);
    if (!(error instanceof SyncError)) throw error;
    const ability = this.#parts.target.abilities[batch.kind];
    if (ability === undefined || !(ability.isRepeatable || ability.idempotencyTtlMs !== undefined)) return;
    if (batch.attempts >= QUICK_REPEATS && batch.attempts % QUICK_REPEATS === 0) {
      throw new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message: error.message, details: error.details, cause: error });
    }
    const { random } = this.#parts.dependencies;
    this.#parts.unknown.repeatAfter(batch.id, requestRetryDelay({ failures: Math.max(1, batch.attempts), random }));
  }

  async #markUnknown(batch: ClaimedBatch, log: AttemptLog): Promise<void> {
    const { ledger, now } = this.#parts.dependencies;
    this.#parts.context.samples.takeBatch(batch, log.exchanges, false);
    await ledger.markUnknown({ batchId: batch.id, token: batch.token, attempts: log.attempts, cost: this.#parts.meter.take(), at: now() });
  }

  /** Nothing was applied: short waits are slept here, long ones and refusals end the attempt. */
  async #pauseOrThrow(error: SyncError): Promise<void> {
    if (isClaimLost(error)) return;
    if (error.code === 'RATE_LIMITED' && typeof error.retry === 'object' && error.retry.afterMs <= 5_000) {
      await sleep(error.retry.afterMs, undefined, { signal: Context.current().cancellationSignal });
      return;
    }
    this.#unreachable += 1;
    if (error.retry !== 'backoff' || this.#unreachable > QUICK_REPEATS) throw error;
    await sleep(requestRetryDelay({ failures: this.#unreachable, random: this.#parts.dependencies.random }));
  }

  async #settle(
    batch: ClaimedBatch,
    outcomes: Parameters<ActivityDependencies['ledger']['settleBatch']>[0]['outcomes'],
    log = new AttemptLog(),
  ): Promise<void> {
    const { dependencies, context, meter, target, unknown } = this.#parts;
    const isAnyRejected = outcomes.some(({ outcome }) => outcome === 'rejected' || outcome === 'held');
    context.samples.takeBatch(batch, log.exchanges, isAnyRejected);
    const { id: batchId, token } = batch;
    const input = { batchId, token, outcomes, terms: context.terms, attempts: log.attempts, cost: meter.take(), at: dependencies.now() };
    await whileStoreReturns(dependencies, () => dependencies.ledger.settleBatch(input));
    meterBatch(dependencies, context.definition.ref.sync, batch.kind, outcomes);
    // What the answer did not mention stays unknown, and is asked for again soon where that does no harm. Under the key of the whole it would not be the same request.
    if (outcomes.length < batch.changes.length && target.abilities[batch.kind]?.isRepeatable === true)
      unknown.repeatAfter(batchId, activityRetryDelay(1, dependencies.random));
  }
}

function withFields(batch: ClaimedBatch, toSend: ReadonlyMap<number, SentFields> | undefined): ClaimedBatch {
  return toSend === undefined ? batch : { ...batch, changes: batch.changes.map((change) => ({ ...change, ...toSend.get(change.id) })) };
}

/** What the target must be asked before: whether a record is there, and where. */
function mustLookFirst(batch: ClaimedBatch, mode: SyncMode): boolean {
  return batch.kind === 'create' || (mode === 'update' && batch.changes.some((change) => change.targetId === undefined));
}

/** An idempotency key covers a repetition of the very same request, and only while the target remembers it. */
function isRepeatable(ability: WriteAbility, { claimedAt, isPart }: UnknownBatch, now: number): boolean {
  return ability.isRepeatable || (ability.idempotencyTtlMs !== undefined && !isPart && now - claimedAt < ability.idempotencyTtlMs);
}

function isClaimLost(error: unknown): boolean {
  return error instanceof SyncError && error.code === 'CLAIM_LOST';
}

function ignoreClaimLost(error: unknown): void {
  if (!isClaimLost(error)) throw error;
}
