import type { JsonObject } from '../engine/json.ts';

/** What is written down when it was done. Words are only added: what is in the log stays as it is. */
export const AUDIT_ACTIONS = [
  'run.started',
  'run.paused',
  'run.resumed',
  'run.tuned',
  'run.cancelled',
  'retry.started',
  'resync.started',
  'repair.started',
  'plan.applied',
  'adopt.started',
  'backfill.started',
  'backfill.paused',
  'backfill.resumed',
  'backfill.cancelled',
  'events.paused',
  'events.resumed',
  'events.cancelled',
  'definition.changed',
  'reconcile.cancelled',
  'drift.accepted',
  'deletes.approved',
  'deletes.denied',
  'unknown.resolved',
  'conflict.resolved',
  'schedule.applied',
  'schedule.paused',
  'schedule.resumed',
  'schedule.triggered',
  'schedule.backfilled',
  'login.made',
  'login.ended',
  'connector.probed',
  'alerts.muted',
  'alerts.unmuted',
  'rollout.changed',
  'rollout.moved',
  'ledger.migrated',
  'ledger.exported',
  'ledger.imported',
  'ledger.pruned',
  'ledger.forgotten',
  'ledger.compacted',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who does something, where, and for which project. */
export interface AuditSource {
  /** Name of the person, or of the account that a program runs under. */
  readonly user: string;
  readonly host: string;
  /** By hand, by a schedule, by a worker of its own accord, or by who asked the listener over HTTP. */
  readonly way: 'cli' | 'schedule' | 'worker' | 'api';
  readonly project: string;
  readonly profile: string;
}

/** Holds no record value and no record key: it can never be taken back. */
export interface AuditInput extends AuditSource {
  readonly at: number;
  readonly action: AuditAction;
  readonly sync?: string;
  readonly runId?: string;
  readonly details: JsonObject;
}

/** An entry of the log: `way` and `action` may be words of a newer program. */
export interface AuditEntry extends Omit<AuditInput, 'way' | 'action'> {
  /** 1, 2, … without gaps, over all projects of the ledger. */
  readonly n: number;
  readonly way: string;
  readonly action: string;
  /** SHA-256 over what is in the entry and the hash of the one before: see `audit/chain.ts`. */
  readonly hash: string;
}

export interface AuditQuery {
  readonly project: string;
  readonly profile: string;
  readonly sync?: string;
  /** Not before. */
  readonly since?: number;
  readonly limit: number;
}

/** The log of what people and schedules did. The store itself refuses to change or remove an entry, and nothing prunes it; the whole of it is read by `exportRows('audit', …)`. */
export interface AuditStore {
  /** Adds an entry behind the last one, whoever else adds at that moment. With `isOncePerRun`: unless the run has an entry of that action already. */
  appendAudit(input: AuditInput, options?: { readonly isOncePerRun?: boolean }): Promise<void>;
  /** Newest first. */
  listAudit(query: AuditQuery): Promise<readonly AuditEntry[]>;
}
