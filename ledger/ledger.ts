import type { Json, JsonObject } from '../engine/json.ts';
import type { AuditStore } from './audit-store.ts';
import type { ChangeStore } from './change-store.ts';
import type { ConflictStore } from './conflict-store.ts';
import type { DeleteStore } from './delete-store.ts';
import type { DeliveryStore } from './delivery-store.ts';
import type { DriftStore } from './drift-store.ts';
import type { IncidentStore } from './incident-store.ts';
import type { LimitStore } from './limit-store.ts';
import type { LogStore } from './log-store.ts';
import type { OutcomeStore } from './outcome-store.ts';
import type { OverviewStore } from './overview-store.ts';
import type { PageMemory } from './page-memory.ts';
import type { PlanStore } from './plan-store.ts';
import type { RecordStore } from './record-store.ts';
import type { RunStore } from './run-store.ts';
import type { SampleStore } from './sample-store.ts';
import type { SegmentStore } from './segment-store.ts';
import type { ShapeStore } from './shape-store.ts';
import type { StandingStore } from './standing-store.ts';
import type { TimelineStore } from './timeline-store.ts';
import type { TrendStore } from './trend-store.ts';
import type { UnknownStore } from './unknown-store.ts';
import type { UpkeepStore } from './upkeep-store.ts';

export type * from './audit-store.ts';
export type * from './change-store.ts';
export type * from './log-store.ts';
export type * from './overview-store.ts';
export type * from './record-store.ts';
export type * from './run-store.ts';
export type * from './sample-store.ts';
export type * from './segment-store.ts';
export type * from './standing-store.ts';
export type * from './timeline-store.ts';
export type * from './trend-store.ts';

/**
 * The durable memory of every sync: what was read, planned, sent and answered.
 * All times are milliseconds since the epoch, given by the caller. All methods are safe to call from several processes at once.
 * Every method may throw `SyncError` with code STORE_UNAVAILABLE (retry: backoff); others are named where they apply.
 * Methods that take a `token` throw `SyncError` CLAIM_LOST (retry: never) when another attempt holds what the token once held: they then change nothing.
 */
export interface Ledger
  extends DefinitionStore,
    RunStore,
    SegmentStore,
    ChangeStore,
    RecordStore,
    UnknownStore,
    DeleteStore,
    ConflictStore,
    DriftStore,
    PlanStore,
    PageMemory,
    ShapeStore,
    IncidentStore,
    DeliveryStore,
    TimelineStore,
    TrendStore,
    OverviewStore,
    LogStore,
    OutcomeStore,
    SampleStore,
    StandingStore,
    LookupStore,
    CredentialStore,
    LimitStore,
    AuditStore,
    UpkeepStore {
  close(): Promise<void>;
}

export interface DefinitionStore {
  /** Keeps a resolved definition (references, no secrets) by its content hash. Idempotent. */
  saveDefinition(hash: string, scope: string, body: Json, at: number): Promise<void>;
  /** @returns undefined where the hash is unknown */
  readDefinition(hash: string): Promise<Json | undefined>;
}

export interface LookupStore {
  /** Adds entries to a run's lookup table (value -> id). Idempotent: a page written twice counts once. */
  addLookupEntries(runId: string, lookup: string, entries: readonly { readonly value: string; readonly id: Json }[]): Promise<void>;
  /** For each value found: its distinct ids (at most 3). */
  findLookupEntries(runId: string, lookup: string, values: readonly string[]): Promise<ReadonlyMap<string, readonly Json[]>>;
  countLookupEntries(runId: string, lookup: string): Promise<number>;
  /** A hash of all entries of a run: equal where its lookup tables are. */
  digestLookups(runId: string): Promise<string>;
  /** Forgets the lookup tables of a run. */
  dropLookups(runId: string): Promise<void>;
}

/** Rotated tokens. Always encrypted at rest. */
export interface CredentialStore {
  readCredential(account: string, name: string): Promise<JsonObject | undefined>;
  saveCredential(account: string, name: string, value: JsonObject, at: number): Promise<void>;
  /** Runs `work` while no other process holds the lock of that account (a lease in the store, taken over when its holder died). */
  withCredentialLock<Result>(account: string, work: () => Promise<Result>): Promise<Result>;
}
