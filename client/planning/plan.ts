import type { Rejection } from '../../engine/errors.ts';
import type { Json } from '../../engine/json.ts';
import type { RejectionGroup } from '../../ledger/ledger.ts';

/** One target field that would get another value. */
export interface FieldChange {
  readonly field: string;
  /** In the target now; absent where it has none. */
  readonly before?: Json;
  readonly after: Json;
}

export type PlannedAction = 'create' | 'update' | 'delete' | 'archive';

/** What a run would do to one target record. */
export interface PlannedChange {
  readonly action: PlannedAction;
  /** Of the source record. */
  readonly key: string;
  readonly match: string;
  readonly targetId?: string;
  /** Of what would be written: tells a later version of the record from this one. */
  readonly contentHash: string;
  /** Of what the target shows of it in the mapped fields: tells what others change from what the plan saw. Absent where it has none, or cannot be asked. */
  readonly shownHash?: string;
  /** Empty where the target has these values already. */
  readonly fields: readonly FieldChange[];
}

export interface PlanCounts {
  readonly read: number;
  readonly create: number;
  readonly update: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly rejected: number;
  readonly held: number;
  readonly delete: number;
}

/** What a run of a sync would do now. */
export interface Plan {
  readonly sync: string;
  readonly definitionHash: string;
  readonly at: number;
  /** Absent: everything is read. */
  readonly from?: string;
  readonly counts: PlanCounts;
  readonly changes: readonly PlannedChange[];
  readonly refusals: readonly RejectionGroup[];
  /** What it would take, by connection. */
  readonly costs: readonly PlanCost[];
  /** What a person should know before the run. */
  readonly remarks: readonly string[];
}

export interface PlanCost {
  readonly connection: string;
  readonly requests: number;
  /** At the declared limits; absent where none are declared. */
  readonly seconds?: number;
}

const SAMPLES = 5;

/** Puts what would be refused or held together by its cause, most first. */
export class RefusalGroups {
  readonly #groups = new Map<string, { readonly rejection: Rejection; count: number; readonly sampleKeys: string[] }>();

  add(key: string, rejection: Rejection): void {
    const { reason, field = '', message } = rejection;
    const id = [reason, field, message.replaceAll(/"[^"]*"|\p{N}+/gu, '…')].join('\u0000');
    const group = this.#groups.get(id) ?? { rejection, count: 0, sampleKeys: [] };
    group.count += 1;
    if (group.sampleKeys.length < SAMPLES) group.sampleKeys.push(key);
    this.#groups.set(id, group);
  }

  list(): readonly RejectionGroup[] {
    return [...this.#groups.values()]
      .toSorted((one, other) => other.count - one.count)
      .map(({ rejection: { reason, field, message }, count, sampleKeys }) => ({
        reason,
        message,
        count,
        sampleKeys,
        ...(field === undefined ? {} : { field }),
      }));
  }
}
