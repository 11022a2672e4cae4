import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError } from '../../engine/errors.ts';
import { type SyncRef, syncWorkflowId } from '../../engine/ids.ts';
import type { Run, RunStore } from '../../ledger/ledger.ts';
import { type Absence, findAbsence } from '../temporal/absence.ts';
import type { Temporal } from '../temporal/connect.ts';
import { soon } from '../temporal/patience.ts';
import { readWorkflowState, type StepRetry, type WorkflowState } from '../temporal/workflow-state.ts';
import { RateMeter } from './rate-meter.ts';
import { type FollowTrouble, isOpen, type RunView, settledCount } from './run-snapshot.ts';

const LOOK_EVERY_MS = 250;
const ASK_TEMPORAL_EVERY_MS = 3_000;
/** A workflow that has ended closes its run in the ledger before; if it was not closed by then, it never will be. */
const CLOSING_TAKES_MS = 3_000;

export interface FollowOptions {
  readonly ledger: Pick<RunStore, 'readRun'>;
  readonly temporal: Temporal;
  readonly runId: string;
  readonly ref: SyncRef;
  /** Of the task queues of its connections, one that nobody serves. */
  readonly findIdleQueue: () => Promise<Absence | undefined>;
  readonly view: RunView;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
}

export type Followed =
  | { readonly end: 'closed'; readonly run: Run }
  /** The workflow is gone and never closed its run: terminated, reset, lost. */
  | { readonly end: 'lost'; readonly run: Run | undefined; readonly status: string }
  /** It goes on when a person has decided. */
  | { readonly end: 'waiting'; readonly run: Run }
  | { readonly end: 'left' };

/** Follows a run until it ends or the person leaves: the ledger tells the progress, Temporal whether anybody is still at it. */
export async function followRun(options: FollowOptions): Promise<Followed> {
  const { runId, view, signal } = options;
  const rate = new RateMeter(5_000);
  const watch = new WorkflowWatch(options);
  try {
    while (!signal.aborted) {
      const run = await readRun(options);
      const now = Date.now();
      if (run !== undefined && !isOpen(run.state)) return { end: 'closed', run };
      if (run?.sweep?.state === 'waiting') return { end: 'waiting', run };
      const { lostStatus, trouble, retry } = await watch.look(now, run);
      if (lostStatus !== undefined) return { end: 'lost', run, status: lostStatus };
      if (run !== undefined) {
        view.update({ run, sync: options.ref.sync, now, perSecond: rate.add(now, settledCount(run.totals)), trouble, retry });
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
    return { end: 'left' };
  } finally {
    view.end();
  }

  async function readRun(from: FollowOptions): Promise<Run | undefined> {
    try {
      return await from.ledger.readRun(runId);
    } catch (error) {
      // Locked or away for a moment: following is not worth failing for it.
      if (error instanceof SyncError && error.retry !== 'never') return undefined;
      throw error;
    }
  }
}

interface Seen {
  readonly lostStatus: string | undefined;
  readonly trouble: FollowTrouble | undefined;
  readonly retry: StepRetry | undefined;
}

/** Asks Temporal now and then, beside the ledger. */
class WorkflowWatch {
  readonly #options: FollowOptions;
  #askedAt = 0;
  #goneSince: number | undefined;
  #state: WorkflowState | undefined;
  #trouble: FollowTrouble | undefined;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#askedAt = Date.now();
  }

  async look(now: number, run: Run | undefined): Promise<Seen> {
    if (now - this.#askedAt >= ASK_TEMPORAL_EVERY_MS) {
      this.#askedAt = now;
      await soon(this.#ask(now, run)).catch(() => {
        this.#trouble = 'no-server';
      });
    }
    const isLost = this.#goneSince !== undefined && now - this.#goneSince > CLOSING_TAKES_MS;
    return { lostStatus: isLost ? (this.#state?.status ?? 'NOT FOUND') : undefined, trouble: this.#trouble, retry: this.#state?.retry };
  }

  async #ask(now: number, run: Run | undefined): Promise<void> {
    const { temporal, ref, findIdleQueue } = this.#options;
    this.#state = await readWorkflowState(temporal, syncWorkflowId(ref));
    const isOurs = run?.firstExecutionRunId === undefined || this.#state?.firstExecutionRunId === run.firstExecutionRunId;
    if (this.#state?.isRunning === true && isOurs) this.#goneSince = undefined;
    else this.#goneSince ??= now;
    this.#trouble = (await findAbsence(temporal, ref, now, this.#state?.pinnedTo)) ?? (await findIdleQueue());
  }
}
