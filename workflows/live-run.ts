import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { ActivityFailure, CancellationScope, condition, log, setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { type RunTotals, ZERO_TOTALS } from '../engine/outcome.ts';
import type { RunControl, RunPhase } from '../engine/run.ts';
import { type DeletesDecision, SEARCH_ATTRIBUTES, type SyncInput, type TuneInput } from './contract.ts';
import { decideDeletesUpdate, pauseSignal, progressQuery, resumeSignal, tuneUpdate } from './messages.ts';
import { progressTable } from './progress-table.ts';
import { bookkeeping } from './steps.ts';
import { tuneMistake } from './tune.ts';

const [SYNC, PHASE, TRIGGER, OUTCOME] = SEARCH_ATTRIBUTES;

/** What a live run knows of itself, kept in step with its messages, its search attributes and its details in the Web UI. */
export class LiveRun {
  readonly input: SyncInput;
  phase: RunPhase;
  segment: number;
  paused: boolean;
  totals: RunTotals = ZERO_TOTALS;
  #lastAdjustment: Promise<unknown> = Promise.resolve();
  /** Records that a person is asked about. */
  #deletesAsked: number | undefined;
  #deletesApproved: boolean | undefined;
  #hasDrift = false;
  /** Steps that are under way together, where they may be left while all of them are held. */
  together = 0;
  #held = 0;
  #isLeft = false;
  readonly #mustLeave: () => boolean;

  /** @param mustLeave whether the execution has to continue as new, also while the run is held */
  constructor(input: SyncInput, mustLeave: () => boolean = () => false) {
    this.input = input;
    this.#mustLeave = mustLeave;
    this.phase = input.continued === undefined ? 'planning' : 'syncing';
    this.segment = input.continued?.nextSegment ?? 0;
    this.paused = input.continued?.paused ?? false;
    setHandler(pauseSignal, () => this.#hear(true));
    setHandler(resumeSignal, () => this.#hear(false));
    setHandler(tuneUpdate, (tune) => this.#tune(tune), { validator: refuseMistake });
    setHandler(decideDeletesUpdate, ({ isApproved }) => this.#decideDeletes(isApproved), { validator: (decision) => this.#refuseDecision(decision) });
    setHandler(progressQuery, () => ({ runId: input.runId, phase: this.phase, paused: this.paused, segment: this.segment, totals: this.totals }));
    this.#publish({ [SYNC]: input.ref.sync, [TRIGGER]: input.trigger, [PHASE]: this.phase });
  }

  enter(phase: RunPhase): void {
    this.phase = phase;
    this.#publish({ [PHASE]: phase });
  }

  /** Shows the totals as of now in the Web UI and to the progress query. */
  show(totals: RunTotals, segment = this.segment): void {
    this.totals = totals;
    this.segment = segment;
    setCurrentDetails(progressTable(this));
  }

  /** Records are not in the target as they were written, or the source is not as it was. */
  noteDrift(): void {
    this.#hasDrift = true;
  }

  finish(outcome: string, totals: RunTotals): void {
    this.phase = 'done';
    this.show(totals);
    this.#publish({ [PHASE]: 'done', [OUTCOME]: this.#hasDrift && outcome.startsWith('completed') ? 'drift' : outcome });
  }

  /** Held as it is, with its books open: the next execution goes on with it. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Holds no slot while it waits. @returns false where the run is left */
  async whileNotPaused(): Promise<boolean> {
    this.#held += 1;
    try {
      await condition(() => !this.paused || this.#leaves(this.#held === this.together));
    } finally {
      this.#held -= 1;
    }
    return !this.#isLeft;
  }

  /** Waits for a person. @returns whether the records may be deleted; undefined where the run is left */
  async askForDeletes(due: number): Promise<boolean | undefined> {
    this.#deletesAsked = due;
    setCurrentDetails(progressTable({ ...this, question: `${due} records to delete: syncline deletes approve ${this.input.runId}, or deny` }));
    await condition(() => this.#deletesApproved !== undefined || this.#leaves(true));
    this.#deletesAsked = undefined;
    // A decision that came together with what makes the execution continue as new: the run goes on here, and is not asked for again.
    if (this.#deletesApproved !== undefined) this.#isLeft = false;
    this.show(this.totals);
    return this.#deletesApproved;
  }

  /** A step at work might wait for ever for one that was left: it is all of them or none. */
  #leaves(areAllHeld: boolean): boolean {
    this.#isLeft ||= areAllHeld && this.#mustLeave();
    return this.#isLeft;
  }

  #decideDeletes(isApproved: boolean): void {
    this.#deletesApproved = isApproved;
  }

  #refuseDecision({ runId }: DeletesDecision): void {
    if (this.#deletesAsked === undefined) throw new Error('the run does not wait for a decision about deletes');
    if (this.#deletesApproved !== undefined) throw new Error('it was decided already');
    if (runId !== this.input.runId) throw new Error(`the live run is ${this.input.runId}`);
  }

  /** Handlers run beside the run, and what they throw would end it with its books open: a cancelled run still writes a pause down, and one that can't be written down is none. */
  async #hear(paused: boolean): Promise<void> {
    try {
      await CancellationScope.nonCancellable(() => this.#setPaused(paused));
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      log.warn('a pause or its end was not written down', { runId: this.input.runId, paused });
    }
  }

  /** The ledger is told first, so that a reader started after `resume` never finds itself still paused; adjustments keep their order. */
  async #setPaused(paused: boolean): Promise<void> {
    await this.#adjust(paused ? 'Pause' : 'Resume', { paused });
    this.paused = paused;
    setCurrentDetails(progressTable(this));
  }

  async #tune(tune: TuneInput): Promise<TuneInput> {
    const { paused: _, ...tuned } = await this.#adjust('Tune', tune);
    return tuned;
  }

  #adjust(summary: string, control: Partial<RunControl>): Promise<RunControl> {
    const { ref, runId } = this.input;
    const adjusted = this.#lastAdjustment.then(() => bookkeeping(ref, summary).adjustRun({ runId, control }));
    this.#lastAdjustment = adjusted.catch(() => undefined);
    return adjusted;
  }

  /** Only where the server has the attributes: an unregistered one would stall the workflow task. */
  #publish(attributes: Readonly<Record<string, string>>): void {
    if (this.input.hasSearchAttributes !== true) return;
    upsertSearchAttributes(Object.entries(attributes).map(([name, value]) => ({ key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD), value })));
  }
}

function refuseMistake(tune: TuneInput): void {
  const mistake = tuneMistake(tune);
  if (mistake !== undefined) throw new Error(mistake);
}
