import type { Rejection } from '../engine/errors.ts';
import type { ChangeKind } from '../engine/outcome.ts';
import type { Incident } from './incident-store.ts';
import type { RequestCost } from './segment-store.ts';

export interface LoggedSegment extends RequestCost {
  readonly index: number;
  readonly state: string;
  /** Of what is taken from the target, not of pages. */
  readonly isSweep: boolean;
  readonly openedAt: number;
  readonly pages: number;
  readonly records: number;
}

/** A write request that was refused or not answered, or that was sent again. */
export interface LoggedRequest {
  readonly batchId: string;
  /** Of its batch: 1, 2, … */
  readonly attempt: number;
  readonly sentAt: number;
  readonly answeredAt?: number;
  readonly status?: number;
  /** A fixed sentence. */
  readonly failure?: string;
  readonly requestId?: string;
  readonly method: string;
  readonly path: string;
  readonly kind: ChangeKind;
  readonly segment: number;
  /** Changes of its batch. */
  readonly records: number;
}

/** A batch whose answer was lost, or that a later attempt took over. */
export interface LoggedBatch {
  readonly batchId: string;
  readonly at: number;
  readonly what: 'unknown' | 'taken-over';
  readonly segment: number;
  readonly records: number;
}

/** A record that was rejected or held, when it was read or by the target, or that a person has resolved. */
export interface LoggedRecord {
  readonly at: number;
  readonly key: string;
  readonly outcome: 'rejected' | 'held' | 'resolved';
  /** Why it is held, or as what it was resolved. */
  readonly reason?: string;
  readonly rejection?: Rejection;
  /** In full words, where there are some. */
  readonly note?: string;
}

/** What happened in a run that is worth a line, each list in order of time. */
export interface RunLog {
  readonly segments: readonly LoggedSegment[];
  readonly requests: readonly LoggedRequest[];
  readonly batches: readonly LoggedBatch[];
  readonly records: readonly LoggedRecord[];
}

/** Of each list the newest `limit`, nothing before `since`. */
export interface LogCut {
  readonly since: number;
  readonly limit: number;
}

/** What happened, for people who look back: nothing is kept for it that is not kept for other ends. */
export interface LogStore {
  /** @returns empty lists for a run that is unknown; less of one that was pruned */
  readRunLog(runId: string, cut: LogCut): Promise<RunLog>;
  /** Of a sync: begun or ended since, the oldest first. */
  listIncidents(scope: string, since: number): Promise<readonly Incident[]>;
}
