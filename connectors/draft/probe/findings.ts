import type { Json } from '../../../engine/json.ts';

/** What was looked at. */
export type Subject = 'records' | 'paging' | 'limits' | 'errors' | 'versions' | 'good record' | 'bad record' | 'cleaning up';

export interface Finding {
  readonly subject: Subject;
  readonly isGood: boolean;
  /** A sentence without values of records. */
  readonly said: string;
}

/** A value that the definition should have, by what the API answered. */
export interface Proposal {
  /** Below the object that was probed, or below the connector itself. */
  readonly of: 'object' | 'connector';
  readonly path: readonly string[];
  readonly value: Json;
  readonly why: string;
}

export interface ProbeReport {
  readonly findings: readonly Finding[];
  readonly proposals: readonly Proposal[];
}
