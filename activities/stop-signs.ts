import { Context } from '@temporalio/activity';
import { SyncError } from '../engine/errors.ts';
import type { RunControl } from '../engine/run.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** How often the run's row is looked at for pause and tune. */
const CONTROL_INTERVAL_MS = 200;

/** What reader and writer look at before each durable step: cancel, shutdown of the worker, pause and tune. */
export class StopSigns {
  readonly #dependencies: ActivityDependencies;
  readonly #runId: string;
  #control: RunControl = { paused: false };
  #readAt = 0;

  constructor(dependencies: ActivityDependencies, runId: string) {
    this.#dependencies = dependencies;
    this.#runId = runId;
  }

  get isCancelled(): boolean {
    return Context.current().cancellationSignal.aborted;
  }

  get isDraining(): boolean {
    return this.#dependencies.draining.aborted;
  }

  get isStopped(): boolean {
    return this.isCancelled || this.isDraining;
  }

  /** The run's control row, at most 200 ms old. */
  async control(): Promise<RunControl> {
    const { ledger, now } = this.#dependencies;
    if (now() - this.#readAt >= CONTROL_INTERVAL_MS) {
      this.#control = (await ledger.readRun(this.#runId))?.control ?? this.#control;
      this.#readAt = now();
    }
    return this.#control;
  }

  /** @throws CancelledFailure after a cancel; a retryable SyncError while the worker shuts down, so that another goes on at once */
  async throwIfStopped(): Promise<void> {
    if (this.isCancelled) await Context.current().cancelled;
    if (this.isDraining) throw workerDraining();
  }
}

export function workerDraining(): SyncError {
  return new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: { afterMs: 100 }, message: 'The worker is shutting down; another one goes on.' });
}
