import type { Run } from '../../ledger/ledger.ts';
import type { LimitBlock } from '../../ledger/limit-store.ts';
import type { StepRetry } from '../temporal/workflow-state.ts';

/** A run that is open. Speeds are over the last seconds; undefined before two looks are a second apart. */
export interface TopRun {
  readonly sync: string;
  readonly run: Run;
  readonly recordsPerSecond: number | undefined;
  readonly requestsPerSecond: number | undefined;
  /** A step that failed and is tried again. */
  readonly retry: StepRetry | undefined;
}

/** How the limits of a connection stand. */
export interface TopConnection {
  readonly name: string;
  /** What its declared windows allow, evenly spread; undefined where none is short. */
  readonly allowedPerSecond: number | undefined;
  /** About what is sent now, of what its processes ask for; undefined where no pace is declared. */
  readonly perSecond: number | undefined;
  /** Where requests in flight are limited for all processes together. */
  readonly inFlight: { readonly now: number; readonly of: number } | undefined;
  /** That use it now. */
  readonly processes: number;
  readonly quotas: readonly { readonly count: number; readonly perMs: number; readonly left: number }[];
  readonly block: LimitBlock | undefined;
}

/** A process that asks Temporal for work. */
export interface TopWorker {
  readonly identity: string;
  /** What it asks for: workflows, steps, reading, writing; with the name of a connection's own task queue. */
  readonly queues: readonly string[];
  readonly seenAt: number;
  readonly buildId: string | undefined;
}

/** Tasks that wait for a worker. */
export interface TopBacklog {
  readonly queue: string;
  readonly tasks: number;
}

export interface TopIncident {
  readonly sync: string;
  readonly rule: string;
  readonly what: string;
  readonly since: number;
}

/** Webhook events of a sync that were acknowledged and wait for what they ask for. */
export interface TopDeliveries {
  readonly sync: string;
  readonly open: number;
  /** When the oldest of them came. */
  readonly since: number;
}

/** What Temporal says of the work; `trouble`: why it says nothing. */
export interface TopWork {
  readonly workers: readonly TopWorker[];
  readonly backlog: readonly TopBacklog[];
  /** By run id. */
  readonly retries: ReadonlyMap<string, StepRetry>;
  readonly trouble: string | undefined;
}

/** Everything as it is at one moment. */
export interface TopFrame {
  readonly at: number;
  readonly place: string;
  readonly runs: readonly TopRun[];
  /** Syncs that do not run: their last run, the latest first; undefined where it never ran. */
  readonly resting: readonly { readonly sync: string; readonly last: Run | undefined }[];
  readonly connections: readonly TopConnection[];
  /** Undefined before Temporal was asked. */
  readonly work: TopWork | undefined;
  readonly deliveries: readonly TopDeliveries[];
  readonly incidents: readonly TopIncident[];
  /** How long the ledger was asked for this frame. */
  readonly ledgerMs: number;
}
