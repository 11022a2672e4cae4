import type { Json } from '../../engine/json.ts';
import type { LeavingRule } from '../../engine/left-out.ts';
import type { MappingStep } from '../../engine/mapping-step.ts';
import type { Outcome } from '../../engine/outcome.ts';

/** How one target field of a record gets its value. Values of sensitive fields are hidden. */
export interface ExplainedField {
  readonly field: string;
  readonly steps: readonly MappingStep[];
  /** `left-out`: the field is not sent. `rejected`, `held`: it stops the record. */
  readonly result: 'value' | 'left-out' | 'rejected' | 'held';
  /** Of `value`. */
  readonly value?: Json;
  /** Why it has none. */
  readonly message?: string;
}

/** A field that differs from what was sent last, or from what the target shows. */
export interface FieldDifference {
  readonly field: string;
  readonly now: Json;
  /** Absent where nothing was sent, or that is not known. */
  readonly sent?: Json;
  /** Absent where the target does not show it, or was not asked. */
  readonly target?: Json;
}

/** What a run would do with the record now. */
export interface ExplainedOutcome {
  readonly outcome: 'create' | 'update' | Exclude<Outcome, 'written' | 'superseded'>;
  /** Of what is skipped, rejected or held. */
  readonly reason?: string;
  readonly message?: string;
  /** What can be done about it. */
  readonly hint?: string;
  /** The target refused the same content before: it is not sent again by itself, or not before `retryAt`. */
  readonly isRepeat?: boolean;
  readonly retryAt?: string;
  /** The target was asked and shows the record. */
  readonly isInTarget: boolean;
  /** What was sent last is known, field by field. */
  readonly isSentKnown: boolean;
  readonly differences: readonly FieldDifference[];
  /** Fields that stay as they are in the target, by `write` or `conflict`. */
  readonly kept: readonly string[];
  /** Fields that were sent last time, and have no value now. */
  readonly dropped: readonly string[];
}

/** Why a record has the values it has in the target, or is not there. */
export interface Explanation {
  readonly sync: string;
  readonly key: string;
  /** An earlier run has met it. */
  readonly isKnown: boolean;
  /** When the source was read: an ISO time. */
  readonly at: string;
  readonly source: string;
  readonly target: string;
  readonly match?: string;
  readonly targetId?: string;
  readonly url?: string;
  /** The last run that had another definition than the one explained; absent where it had the same. */
  readonly changedSince?: string;
  /** The rules by which a record may be left out, and whether this one is. */
  readonly rules: readonly { readonly rule: LeavingRule; readonly expression: string; readonly leavesOut: boolean; readonly fails?: true }[];
  readonly fields: readonly ExplainedField[];
  readonly outcome: ExplainedOutcome;
  /** Other syncs' records that it refers to and that are not there. */
  readonly missing: readonly { readonly sync: string; readonly key: string }[];
}
