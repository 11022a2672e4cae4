import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Permit, Target } from '../connectors/ports.ts';
import type { RunControl } from '../engine/run.ts';
import type { Backlog, ClaimedBatch, ClaimInput } from '../ledger/ledger.ts';
import type { WriteBatchesResult } from './activities.ts';
import { BatchLimits } from './batch-limits.ts';
import { BatchSender } from './batch-sender.ts';
import { BlockingWrites } from './blocking-writes.ts';
import { claimInputOf } from './claim-input.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { jobRunning, waitFor } from './durable-waits.ts';
import type { Handover } from './handover.ts';
import { Pulse } from './heartbeat.ts';
import { PageIntake } from './page-intake.ts';
import { PoisonWatch } from './poison.ts';
import { RequestMeter } from './request-meter.ts';
import type { RunContext } from './run-context.ts';
import { SegmentGate } from './segment-gate.ts';
import { StopSigns } from './stop-signs.ts';
import { UnknownWrites } from './unknown-writes.ts';
import { isStoreAway } from './while-store-returns.ts';

/** A writer with nothing to do for so long gives its slot back. */
const IDLE_LIMIT_MS = 10_000;
/** Waits up to here are slept inside; longer ones are durable. */
const SHORT_WAIT_MS = 5_000;
/** One activity attempt works no longer than this; the workflow asks again. */
const YIELD_AFTER_MS = 600_000;
/** A batch that could be fuller waits so long for the reader. */
const LINGER_MS = 150;
/** Between two looks for work: short at first, as a reader without latency stages its next page within milliseconds. */
const FIRST_PAUSE_MS = 4;
const LONGEST_PAUSE_MS = 40;
/** A job that is due so soon is waited for with the slot. */
const JOB_PATIENCE_MS = 250;
const CLAIMS_AT_ONCE = 4;
/** What the reader does not hand over is looked for so often. */
const LOOK_WHILE_FED_MS = 200;
/** A permit that is had so soon did not wait for the pace of the target. */
const UNPACED_MS = 5;

/** Claims and sends the batches of one segment, several in flight, until it is closed and drained. */
export class SegmentWriter {
  /** Batches settled by this attempt, for the heartbeat. */
  settled = 0;
  readonly pulse: Pulse;
  readonly #dependencies: ActivityDependencies;
  readonly #context: RunContext;
  readonly #handover: Handover;
  readonly #segment: number;
  readonly #signs: StopSigns;
  readonly #target: Target;
  readonly #blocking: BlockingWrites;
  readonly #gate: SegmentGate;
  readonly #limits: BatchLimits;
  readonly #sender: BatchSender;
  readonly #unknown: UnknownWrites;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #intake: PageIntake;
  #control: RunControl = { paused: true };
  #lookedAt = 0;
  #failure: unknown;
  #lingerSince: number | undefined;
  /** Changes that wait to be claimed, at the least: when last looked, less what was claimed since. */
  #surelyPlanned = 0;
  #isPaced = true;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(dependencies: ActivityDependencies, context: RunContext, handover: Handover, segment: number) {
    this.#dependencies = dependencies;
    this.#context = context;
    this.#handover = handover;
    this.#segment = segment;
    this.pulse = new Pulse(dependencies);
    this.#signs = new StopSigns(dependencies, context.run.id);
    const meter = new RequestMeter((reason, ms) => this.#noteWait(reason, ms));
    this.#target = context.openTarget(meter);
    this.#unknown = new UnknownWrites(dependencies, context, segment, this.#target);
    this.#blocking = new BlockingWrites(dependencies, context, segment, meter, this.pulse);
    this.#gate = new SegmentGate(dependencies, context, segment);
    this.#limits = new BatchLimits(dependencies, context, this.#target);
    const poison = new PoisonWatch(dependencies, context, segment, this.#target);
    this.#sender = new BatchSender({
      dependencies,
      context,
      target: this.#target,
      meter,
      unknown: this.#unknown,
      limits: this.#limits,
      poison,
      pulse: this.pulse,
    });
    this.#intake = this.#openIntake();
  }

  async run(): Promise<WriteBatchesResult> {
    await this.#limits.load();
    const leave = this.#handover.join(this.#context.run.id, this.#segment, this.#intake);
    let result: WriteBatchesResult;
    try {
      result = await this.#dispatch();
    } finally {
      await leave();
      // Whatever ends the attempt, its requests get their answers and settle: an aborted write is an unknown one.
      await Promise.all(this.#inFlight);
    }
    if (this.#failure !== undefined) throw this.#failure;
    return result;
  }

  async #dispatch(): Promise<WriteBatchesResult> {
    const { now } = this.#dependencies;
    const yieldAt = now() + YIELD_AFTER_MS;
    let idleSince = now();
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      await this.#signs.throwIfStopped();
      this.pulse.throwIfLost();
      const control = await this.#signs.control();
      this.#control = control;
      if (control.paused) return { state: 'paused' };
      if (now() > yieldAt) return { state: 'yielded' };
      this.#target.setPace(control);
      if (this.#free(control) <= 0) {
        await Promise.race(this.#intake.offered > 0 ? [...this.#inFlight, this.#pause()] : this.#inFlight);
        continue;
      }
      if (this.#isFed) {
        await Promise.race([...this.#inFlight, this.#pause()]);
        idleSince = now();
        continue;
      }
      this.#lookedAt = now();
      if (await this.#startNext(control)) {
        idleSince = now();
        continue;
      }
      if (this.#inFlight.size > 0) {
        await Promise.race([...this.#inFlight, this.#pause()]);
        idleSince = now();
        continue;
      }
      const backlog = await this.#readBacklog();
      const gate = await this.#gate.look();
      if (isDrained(gate === 'shut' ? { ...backlog, planned: 0 } : backlog) && !(await this.#unknown.hasAny())) return { state: 'drained' };
      const blocking = backlog.planned > 0 ? await this.#blocking.nextDue() : undefined;
      if (blocking !== undefined) this.#track(blocking());
      else await this.#waitForWork(backlog, idleSince);
    }
  }

  /** Starts one request: an unknown write that is due, else the next batch. @returns false where there was nothing to start */
  async #startNext(control: RunControl): Promise<boolean> {
    const due = await this.#unknown.nextDue();
    if (due !== undefined) {
      this.#track(this.#sender.resolve(due));
      return true;
    }
    if (this.#sender.isResting || (await this.#gate.look()) !== 'open') return false;
    if (this.#surelyPlanned < this.#limits.maxRecords()) {
      const backlog = await this.#readBacklog();
      if (backlog.planned === 0 || this.#shouldLinger(backlog)) return false;
    }
    const claims = await Promise.allSettled(Array.from({ length: this.#claimsAtOnce(control) }, () => this.#claimAndSend(control)));
    for (const claim of claims) if (claim.status === 'rejected') throw claim.reason;
    return claims.some((claim) => claim.status === 'fulfilled' && claim.value);
  }

  /** Several where nothing holds them back: the ledger commits together what it is asked together. */
  #claimsAtOnce(control: RunControl): number {
    const free = this.#free(control);
    const fullBatches = Math.floor(this.#surelyPlanned / this.#limits.maxRecords(control));
    return this.#isPaced ? 1 : Math.max(1, Math.min(free, fullBatches, CLAIMS_AT_ONCE));
  }

  async #claimAndSend(control: RunControl): Promise<boolean> {
    const { ledger } = this.#dependencies;
    const permit = await this.#acquirePermit();
    const input = this.#claimInput(control);
    const claim = await ledger.claimBatch(input).catch(async (error: unknown) => {
      permit.release();
      if (isStoreAway(error)) await this.#sender.giveBack(input);
      throw error;
    });
    if (claim.state === 'empty') {
      permit.release();
      this.#surelyPlanned = 0;
      return false;
    }
    this.#surelyPlanned -= claim.batch.changes.length;
    this.#lingerSince = undefined;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#track(this.#sender.send(claim.batch, permit));
    return true;
  }

  async #acquirePermit(): Promise<Permit> {
    const { now } = this.#dependencies;
    const askedAt = now();
    const permit = await this.#target.acquirePermit(Context.current().cancellationSignal);
    this.#isPaced = now() - askedAt > UNPACED_MS;
    return permit;
  }

  /** The reader brings what there is: the ledger need be looked into only now and then, for what others left. */
  get #isFed(): boolean {
    const now = this.#dependencies.now();
    return this.#inFlight.size > 0 && now - this.#intake.handedAt < LONGEST_PAUSE_MS && now - this.#lookedAt < LOOK_WHILE_FED_MS;
  }

  /** Requests that may be begun. */
  #free(control: RunControl): number {
    return (control.concurrency ?? this.#target.concurrency) - this.#inFlight.size - this.#intake.offered;
  }

  #claimInput(control: RunControl): ClaimInput {
    const parts = { dependencies: this.#dependencies, context: this.#context, target: this.#target, limits: this.#limits };
    return claimInputOf(parts, this.#segment, control, this.#surelyPlanned);
  }

  #openIntake(): PageIntake {
    return new PageIntake({
      now: this.#dependencies.now,
      free: () => this.#free(this.#control),
      isReady: () =>
        !this.#control.paused &&
        !this.#sender.isResting &&
        !this.#signs.isStopped &&
        this.#failure === undefined &&
        this.#gate.isOpen &&
        !this.#isPaced &&
        !this.#limits.takesJobs,
      maxRecords: () => this.#limits.maxRecords(this.#control),
      claimInput: () => this.#claimInput(this.#control),
      tokens: this.#unknown,
      send: (batches) => this.#sendHanded(batches),
      nextEnd: () => (this.#inFlight.size === 0 ? undefined : Promise.race(this.#inFlight)),
    });
  }

  #sendHanded(batches: readonly ClaimedBatch[]): void {
    if (batches.length === 0) return;
    this.#surelyPlanned = 0;
    this.#lingerSince = undefined;
    for (const batch of batches) this.#track(this.#sender.sendHanded(batch, () => this.#acquirePermit()));
  }

  /** A half-full batch costs a whole request: give the reader a moment to fill it. */
  #shouldLinger(backlog: Backlog): boolean {
    const { now } = this.#dependencies;
    if (backlog.isClosed || backlog.planned >= this.#limits.maxRecords()) return false;
    // Whether they are enough for a job shows when all are read; events are never all read.
    if (this.#limits.takesJobs && this.#context.run.options.events !== true) return true;
    this.#lingerSince ??= now();
    return now() - this.#lingerSince < LINGER_MS;
  }

  async #waitForWork(backlog: Backlog, idleSince: number): Promise<void> {
    const { now } = this.#dependencies;
    const unknownDueIn = (this.#unknown.nextDueAt() ?? now()) - now();
    if (backlog.isClosed && unknownDueIn > JOB_PATIENCE_MS && this.#unknown.isAllJobs) throw jobRunning(unknownDueIn);
    if (backlog.isClosed && unknownDueIn > SHORT_WAIT_MS)
      throw waitFor(unknownDueIn, 'A write got no answer; it is looked into once it must have been applied.');
    if (now() - idleSince > IDLE_LIMIT_MS)
      throw waitFor(1_000, backlog.isClosed && backlog.planned > 0 ? 'Its target records are in flight for another run.' : 'Nothing to write yet.');
    await this.#pause();
  }

  /** Twice as long each time, until something was claimed. */
  async #pause(): Promise<void> {
    const ms = this.#pauseMs;
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, ms * 2);
    await sleep(ms);
  }

  async #readBacklog(): Promise<Backlog> {
    const backlog = await this.#dependencies.ledger.readBacklog(this.#context.run.id, this.#segment);
    this.#surelyPlanned = backlog.planned;
    return backlog;
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .then(() => {
        this.settled += 1;
      })
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#inFlight.delete(tracked));
    this.#inFlight.add(tracked);
  }

  #noteWait(reason: string, ms: number): void {
    const { ledger, log, now } = this.#dependencies;
    ledger
      .setWait(this.#context.run.id, 'target', { side: 'target', reason, untilMs: now() + ms })
      .catch((error: unknown) => log.warn({ error }, 'could not note a wait'));
  }
}

function isDrained(backlog: Backlog): boolean {
  return backlog.isClosed && backlog.planned + backlog.inFlight + backlog.unknown === 0;
}
