import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { condition, setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
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

  constructor(input: SyncInput) {
    this.input = input;
    this.phase = input.continued === undefined ? 'planning' : 'syncing';
    this.segment = input.continued?.nextSegment ?? 0;
    this.paused = input.continued?.paused ?? false;
    setHandler(pauseSignal, () => this.#setPaused(true));
    setHandler(resumeSignal, () => this.#setPaused(false));
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

  /** Holds no slot while it waits. */
  async whileNotPaused(): Promise<void> {
    await condition(() => !this.paused);
  }

  /** Waits for a person. @returns whether the records may be deleted */
  async askForDeletes(due: number): Promise<boolean> {
    this.#deletesAsked = due;
    setCurrentDetails(progressTable({ ...this, question: `${due} records to delete: syncline deletes approve ${this.input.runId}, or deny` }));
    await condition(() => this.#deletesApproved !== undefined);
    this.#deletesAsked = undefined;
    this.show(this.totals);
    return this.#deletesApproved === true;
  }

  #decideDeletes(isApproved: boolean): void {
    this.#deletesApproved = isApproved;
  }

  #refuseDecision({ runId }: DeletesDecision): void {
    if (this.#deletesAsked === undefined) throw new Error('the run does not wait for a decision about deletes');
    if (this.#deletesApproved !== undefined) throw new Error('it was decided already');
    if (runId !== this.input.runId) throw new Error(`the live run is ${this.input.runId}`);
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
