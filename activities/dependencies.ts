import type { Logger } from 'pino';
import type { Channels, Connections } from '../connectors/ports.ts';
import type { ResolvedSync } from '../definition/resolved.ts';
import type { Graph } from '../engine/graph.ts';
import type { AuditSource, Ledger } from '../ledger/ledger.ts';

/** What the worker host gives the activities. Real parts everywhere; clock and randomness are arguments so that pure code stays pure. */
export interface ActivityDependencies {
  readonly ledger: Ledger;
  readonly connections: Connections;
  readonly channels: Channels;
  /** Reads the definition of one sync from the worker's project folder, as it is now. @throws SyncError DEFINITION_INVALID, SECRET_MISSING */
  readonly loadSync: (sync: string) => Promise<{ readonly definition: ResolvedSync; readonly hash: string }>;
  /** Orders the syncs of the worker's project folder, as it is now. @throws SyncError as `loadSync` */
  readonly loadGraph: () => Promise<Graph>;
  /** Who does in the audit log what a worker does by itself. */
  readonly actor: AuditSource;
  readonly heartbeatTimeoutMs: number;
  /** Fires on SIGTERM, before the SDK tells anybody: stop claiming, finish what is in flight. */
  readonly draining: AbortSignal;
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
  readonly makeToken: () => string;
  readonly sha256: (text: string) => string;
}
