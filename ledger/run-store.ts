import type { RunTotals } from '../engine/outcome.ts';
import type { RunControl, RunFailure, RunPhase, RunState, RunTrigger } from '../engine/run.ts';
import type { Sweep } from '../engine/sweep.ts';
import type { RequestCost } from './segment-store.ts';

/** What a run was asked to do. Record keys stay here: workflows know the run id only. */
export interface RunOptions {
  /** Only these source records, by primary key; the cursor does not move. */
  readonly keys?: readonly string[];
  /** Only the first so many records; the cursor does not move. */
  readonly limit?: number;
  /** Ignores the watermark. */
  readonly full?: boolean;
  /** Tries the rejected records of earlier runs again: all, or only `keys`. */
  readonly retry?: boolean;
  /** With `retry`: only those that wait for references which are there by now. */
  readonly references?: boolean;
  /** Only what is in the plan of this run, as planned; it reads what the plan read. The cursor does not move. */
  readonly plan?: { readonly from?: string };
  /** Sends nothing: finds what the target has already, and knows it from then on. The cursor does not move. */
  readonly adopt?: boolean;
  /** Reads this and nothing else, beside the live run of its sync. The cursor does not move. */
  readonly window?: Required<Window>;
  /** Only the records that deliveries name, beside the live run of its sync. The cursor does not move. */
  readonly events?: boolean;
}

/** Why a run stands still at the moment, for people. */
export interface RunWait {
  readonly side: 'source' | 'target' | 'ledger';
  /** A fixed sentence without record values: `HubSpot asked to wait 30 s (429)`. */
  readonly reason: string;
  readonly untilMs: number;
}

export interface Window {
  /** The watermark less the lookback; absent: everything. An ISO time or whatever the cursor field holds. */
  readonly from?: string;
  readonly to?: string;
}

export interface Run {
  readonly id: string;
  readonly scope: string;
  readonly definitionHash?: string;
  readonly trigger: RunTrigger;
  readonly options: RunOptions;
  readonly state: RunState;
  readonly phase: RunPhase;
  readonly workflowId?: string;
  /** Temporal's first execution run id: unchanged by continue-as-new. Links to the Web UI. */
  readonly firstExecutionRunId?: string;
  readonly requestedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly window: Window;
  /** When the read began, by the source's clock where it tells one. */
  readonly readStartedAt?: number;
  readonly control: RunControl;
  readonly waits: readonly RunWait[];
  readonly failure?: RunFailure;
  /** Of a run whose mode takes away what the source no longer has. */
  readonly sweep?: Sweep;
  /** Live while the run is open (summed from its segments), frozen at its close (derived from rows). */
  readonly totals: RunTotals;
}

export interface OpenRunInput {
  readonly id: string;
  readonly scope: string;
  readonly definitionHash: string;
  readonly trigger: RunTrigger;
  readonly workflowId: string;
  readonly firstExecutionRunId: string;
  readonly window: Window;
  readonly at: number;
}

export interface RunSuccess {
  readonly lastGoodAt?: number;
  readonly firstAt?: number;
}

export interface RunStore {
  /** Writes down what a run is to do, before its workflow starts. Idempotent by id. */
  requestRun(run: {
    readonly id: string;
    readonly scope: string;
    readonly trigger: RunTrigger;
    readonly options: RunOptions;
    readonly at: number;
  }): Promise<void>;
  /**
   * Opens a run (requested earlier, or new). Idempotent for the same firstExecutionRunId. An open run of the scope with the same workflow id and
   * another firstExecutionRunId cannot be alive: it is closed as `abandoned`, its planned changes are dropped, its sent ones become unknown batches.
   * A run of a window, or of events, is beside them all: what it has seen is its own until it is closed.
   * @throws RUN_CONFLICT where an open run of the scope belongs to another workflow id, or this run has ended
   */
  openRun(input: OpenRunInput): Promise<Run>;
  readRun(id: string): Promise<Run | undefined>;
  /** By unique prefix of the id, or `last`. @returns all that match, newest first, at most 10 */
  findRuns(scopePrefix: string, idPrefix: string): Promise<readonly Run[]>;
  /** Newest first. `scopePrefix` ends with `/` for all syncs of a project's profile, or is a whole scope. @param which `live`: without those of windows. @default 'all' */
  listRuns(scopePrefix: string, limit: number, which?: 'all' | 'live'): Promise<readonly Run[]>;
  /** When a run last went well that did all that its sync says, and when one was first asked for. */
  readSuccess(scope: string): Promise<RunSuccess>;
  /** Runs beside the live one, of windows or of events, that are open, oldest first, whether or not they are alive. */
  listOpenWindows(scope: string): Promise<readonly Run[]>;
  setPhase(runId: string, phase: RunPhase): Promise<void>;
  /** Merges into the control row; readers and writers look at it at each durable step. Also sets state paused/running. @returns the merged control */
  adjustRun(runId: string, control: Partial<RunControl>): Promise<RunControl>;
  /** Null clears the wait of that side. */
  setWait(runId: string, side: RunWait['side'], wait: RunWait | null): Promise<void>;
  /** Adds requests, retries and 429s that belong to no segment (lookups). */
  addRunCost(runId: string, cost: RequestCost): Promise<void>;
  /** Keeps the failure that is about to end the run, in full words; `closeRun` without a failure keeps it, and nothing changes it afterwards. Temporal only learns its code. */
  noteFailure(runId: string, failure: RunFailure): Promise<void>;
  /** Keeps when the read began by the source's own clock. The first call of a run wins. */
  setReadStart(runId: string, at: number): Promise<void>;
  /** Sets what the source says it holds. */
  setExpected(runId: string, expected: number): Promise<void>;
  /**
   * The books, derived from rows (read side from segment counters, outcomes from sightings and changes): not from what activities reported. What is sent and not
   * answered is held. Of a run that has ended: its frozen totals.
   */
  deriveTotals(runId: string): Promise<RunTotals>;
  /** Closes the run and freezes its totals. Idempotent. Leftover planned changes are dropped, sent ones are unknown, open segments aborted. */
  closeRun(runId: string, end: { readonly state: RunState; readonly failure?: RunFailure; readonly totals: RunTotals; readonly at: number }): Promise<void>;
  /** The watermark of a scope; undefined before the first completed incremental run. */
  /** `savedAt`: when a run last read its window to the end. */
  readWatermark(scope: string): Promise<{ readonly value: string; readonly fullReadAt?: number; readonly savedAt: number } | undefined>;
  saveWatermark(scope: string, watermark: { readonly value: string; readonly fullReadAt?: number }, at: number): Promise<void>;
}
