import type { Logger } from 'pino';
import type { Channels } from '../connectors/channels/port.ts';
import type { Connections } from '../connectors/ports.ts';
import type { ResolvedSync } from '../definition/resolved.ts';
import type { Graph } from '../engine/graph.ts';
import type { ProjectRef, SyncRef } from '../engine/ids.ts';
import type { AuditSource, Ledger } from '../ledger/ledger.ts';
import type { SamplePolicy } from './sample-taker.ts';
import type { StepMeter } from './step-meter.ts';

/** What the worker host gives the activities. Real parts everywhere; clock and randomness are arguments so that pure code stays pure. */
export interface ActivityDependencies {
  readonly ledger: Ledger;
  readonly connections: Connections;
  readonly channels: Channels;
  /** Reads the definition of one sync from the worker's project folder, as it is now. @throws SyncError DEFINITION_INVALID, SECRET_MISSING */
  readonly loadSync: (sync: string) => Promise<{ readonly definition: ResolvedSync; readonly hash: string }>;
  /** All of the worker's project folder, as they are now. @throws SyncError as `loadSync` */
  readonly loadSyncs: () => Promise<readonly ResolvedSync[]>;
  /** Orders the syncs of the worker's project folder, as it is now. @throws SyncError as `loadSync` */
  readonly loadGraph: () => Promise<Graph>;
  /** Who does in the audit log what a worker does by itself. */
  readonly actor: AuditSource;
  /** Wakes the workflow that sends alerts, or starts it. @param how.isNew false: one that waits to try a channel again is left to wait */
  readonly wakeAlerts: (project: ProjectRef, how: { readonly isNew: boolean }) => Promise<void>;
  /** The schedule of a sync, where it was applied. */
  readonly findSchedule: (ref: SyncRef) => Promise<{ readonly createdAt: number; readonly isPaused: boolean } | undefined>;
  /** Counts for metrics; absent: nobody looks. */
  readonly meter?: StepMeter | undefined;
  /** Which requests are kept as samples; absent: none. */
  readonly samples?: SamplePolicy | undefined;
  readonly heartbeatTimeoutMs: number;
  /** Fires on SIGTERM, before the SDK tells anybody: stop claiming, finish what is in flight. */
  readonly draining: AbortSignal;
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
  readonly makeToken: () => string;
  readonly sha256: (text: string) => string;
}
