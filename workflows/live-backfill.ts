import type { SignalDefinition } from '@temporalio/common';
import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import { countWindows } from '../engine/backfill-range.ts';
import { addTotals, ZERO_TOTALS } from '../engine/outcome.ts';
import { backfillTable } from './backfill-table.ts';
import type { BackfillInput, BackfillProgress, BackfillState, SyncInput, TimeWindow } from './contract.ts';
import { endingOf } from './ending.ts';
import { backfillQuery, pauseSignal, resumeSignal } from './messages.ts';
import { RunIds } from './run-ids.ts';
import { runSync, workflowIdOf } from './run-sync.ts';

/** Kept with their reasons; the others are counted. */
const FAILED_KEPT = 20;
/** So many in a row, and the next would fail as well. */
const FAILURES_TO_STOP = 3;

/** What a live backfill knows of its windows, kept in step with its query, its messages and its details in the Web UI. */
export class LiveBackfill {
  readonly input: BackfillInput;
  #phase: BackfillProgress['phase'] = 'running';
  #state: BackfillState;
  readonly #runIds = new RunIds();
  readonly #running = new Map<string, SyncInput & { readonly window: TimeWindow }>();

  constructor(input: BackfillInput) {
    this.input = input;
    this.#state = input.continued ?? { next: 0, done: 0, paused: false, failedInARow: 0, failedCount: 0, failed: [], totals: ZERO_TOTALS };
    setHandler(backfillQuery, () => this.#progress());
    setHandler(pauseSignal, () => this.#setPaused(true));
    setHandler(resumeSignal, () => this.#setPaused(false));
    this.#show();
  }

  get state(): BackfillState {
    return this.#state;
  }

  get next(): number {
    return this.#state.next;
  }

  get paused(): boolean {
    return this.#state.paused;
  }

  get isStopped(): boolean {
    return this.#phase === 'stopped';
  }

  takeNext(): number {
    const { next } = this.#state;
    this.#note({ next: next + 1 });
    return next;
  }

  /** Reads one window to its end, whatever that is. */
  async run(window: TimeWindow): Promise<void> {
    const input = { ...this.#inputOf(window), window };
    const { runId } = input;
    this.#running.set(runId, input);
    this.#show();
    try {
      const { window: _, ...started } = input;
      const result = await runSync(started, {
        parentClosePolicy: 'REQUEST_CANCEL',
        ifInUse: 'wait',
        onStart: () => void (this.paused ? tell(started, pauseSignal) : undefined),
      });
      const { done, totals } = this.#state;
      this.#running.delete(runId);
      this.#note({ done: done + 1, failedInARow: 0, totals: result === undefined ? totals : addTotals(totals, result.totals) });
    } catch (error) {
      this.#running.delete(runId);
      this.#noteFailure(window, runId, error);
    }
  }

  /** @throws CancelledFailure; ApplicationFailure where a window has failed */
  async finish(isCancelled: boolean): Promise<BackfillProgress> {
    if (this.#phase === 'running') this.#phase = isCancelled ? 'cancelled' : 'done';
    this.#show();
    await condition(allHandlersFinished);
    if (isCancelled) throw new CancelledFailure('The backfill was cancelled; the books of its runs are closed.');
    const { failed, failedCount } = this.#state;
    const [first] = failed;
    if (first === undefined) return this.#progress();
    const rest = this.isStopped ? ' The rest was not begun.' : '';
    throw ApplicationFailure.nonRetryable(
      `${failedCount} of ${this.#windows} windows failed, the first from ${first.from}: ${first.because}${rest}`,
      first.code ?? 'CANCELLED',
    );
  }

  #noteFailure(window: TimeWindow, runId: string, error: unknown): void {
    const { failure } = endingOf(error);
    if (failure === undefined && CancellationScope.current().consideredCancelled) return this.#show();
    const { failed, failedCount, failedInARow } = this.#state;
    const because = failure === undefined ? { because: 'Its run was cancelled.' } : { code: failure.code, because: failure.message };
    this.#note({
      failedCount: failedCount + 1,
      failed: failed.length < FAILED_KEPT ? [...failed, { ...window, runId, ...because }] : failed,
    });
    if (failure === undefined) return;
    this.#note({ failedInARow: failedInARow + 1 });
    if (failure.code === 'CREDENTIALS_REJECTED' || this.#state.failedInARow >= FAILURES_TO_STOP) this.#phase = 'stopped';
  }

  /** What is begun is told, too: a window may be a long one. */
  async #setPaused(paused: boolean): Promise<void> {
    this.#note({ paused });
    const signal = paused ? pauseSignal : resumeSignal;
    await Promise.all([...this.#running.values()].map((input) => tell(input, signal)));
  }

  #inputOf(window: TimeWindow): SyncInput {
    const { ref, definitionHash, useWorkerVersion, hasSearchAttributes } = this.input;
    return {
      ref,
      runId: this.#runIds.next(),
      trigger: 'backfill',
      options: { window: { from: window.from, to: window.to } },
      ...(definitionHash === undefined ? {} : { definitionHash }),
      ...(useWorkerVersion === undefined ? {} : { useWorkerVersion }),
      ...(hasSearchAttributes === undefined ? {} : { hasSearchAttributes }),
    };
  }

  #note(news: Partial<BackfillState>): void {
    this.#state = { ...this.#state, ...news };
    this.#show();
  }

  #show(): void {
    setCurrentDetails(backfillTable(this.#progress()));
  }

  get #windows(): number {
    return countWindows(this.input.range);
  }

  #progress(): BackfillProgress {
    const running = [...this.#running.values()].map(({ runId, window }) => ({ ...window, runId }));
    return { ...this.#state, phase: this.#phase, range: this.input.range, windows: this.#windows, running };
  }
}

/** It may have ended meanwhile. */
async function tell(input: SyncInput, signal: SignalDefinition): Promise<void> {
  await getExternalWorkflowHandle(workflowIdOf(input))
    .signal(signal)
    .catch(() => undefined);
}
