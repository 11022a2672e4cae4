import type { SyncRef } from '../engine/ids.ts';
import type { Auth } from './schema/auth.ts';
import type { Connector, Limits } from './schema/connector.ts';
import type { Sync } from './schema/sync.ts';

/** A connection with its connector and profile merged into one. Secrets are still references. JSON-plain. */
export interface ResolvedConnection {
  readonly name: string;
  readonly connector: string;
  /** Without a trailing slash; includes a version path, if the connector pins one. */
  readonly baseUrl: string;
  readonly auth: Auth;
  /** Sent with every request; includes a pinned version header. */
  readonly headers: Readonly<Record<string, string>>;
  readonly limits: Limits;
  readonly timeouts: { readonly connectMs: number; readonly headersMs: number; readonly bodyMs: number; readonly requestMs: number };
  readonly maxAnswerBytes: number;
  readonly allowPlainHttp: boolean;
  /** Overrides the connector's `applyDelay`. */
  readonly applyDelayMs?: number;
  readonly probe?: Connector['probe'];
  readonly errors: NonNullable<Connector['errors']>;
  readonly hints: NonNullable<Connector['hints']>;
  readonly objects: Connector['objects'];
}

/** All that a run needs to know, frozen by its content hash. Secrets are still references. JSON-plain. */
export interface ResolvedSync {
  readonly ref: SyncRef;
  readonly sync: Sync;
  readonly connections: Readonly<Record<string, ResolvedConnection>>;
  readonly values: 'plain' | 'encrypted' | 'hashed';
  readonly segment: { readonly records: number; readonly bytes: number; readonly seconds: number };
  readonly maxSegmentsPerExecution: number;
  readonly maxRejectedPercent: number;
  readonly giveUpAfterMs: number;
}
