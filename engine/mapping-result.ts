import type { Rejection } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import { type MappedField, MISSING_REFERENCE, type MissingReference } from './map-field.ts';
import type { MappingStep } from './mapping-step.ts';

/** Something the definition let pass, worth telling: a value left out because it was invalid, an owner that was not found. */
export interface MappingNote {
  readonly field: string;
  /** As `Rejection.reason`. */
  readonly reason: string;
  readonly message: string;
}

/** What became of one record: its target fields, or every reason why it has none. */
export type MappingResult =
  | {
      readonly ok: true;
      readonly fields: JsonObject;
      readonly notes: readonly MappingNote[];
      /** What the record goes without until it is there; absent where it lacks nothing. */
      readonly missing?: readonly MissingReference[];
      /** Fields that are made of what every record had and this one lacks: they stay as they were told last. */
      readonly vanished?: readonly string[];
    }
  | {
      readonly ok: false;
      readonly rejections: readonly [Rejection, ...Rejection[]];
      /** What the record waits for. */
      readonly missing?: readonly MissingReference[];
    };

/** How one target field got its value; without trouble, it is that of its last step. */
export interface FieldTrace extends MappedField {
  readonly field: string;
  readonly isSensitive: boolean;
  readonly steps: readonly MappingStep[];
}

/** What became of a record, and why. */
export interface MappingTrace {
  readonly result: MappingResult;
  /** Every field of the mapping, in its order. */
  readonly fields: readonly FieldTrace[];
}

/** A value to be looked up for a record. */
export interface LookupRequest {
  readonly lookup: string;
  /** As compared. */
  readonly value: string;
  /** As in the record. */
  readonly raw: Json;
}

/** Nothing is wrong with the record itself: what it refers to is not there yet. */
export function lacksReferencesOnly(rejections: readonly Rejection[]): boolean {
  return rejections.every((rejection) => rejection.reason === MISSING_REFERENCE);
}

/** The rejections of a record as one: the first one's reason and field, all messages; may pass later only if all may. */
export function mergeRejections(rejections: readonly [Rejection, ...Rejection[]]): Rejection {
  const [first] = rejections;
  if (rejections.length === 1) return first;
  const message = rejections.map((rejection) => (rejection.field === undefined ? rejection.message : `${rejection.field}: ${rejection.message}`)).join('; ');
  return { ...first, message, retry: rejections.every((rejection) => rejection.retry === 'later') ? 'later' : 'never' };
}
