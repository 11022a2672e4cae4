import { ExpressionError } from './expression-error.ts';
import type { FieldRule, LookupAnswer, LookupRule } from './field-rule.ts';
import type { Json } from './json.ts';
import { isDeeperThan, MAX_DEPTH } from './json-depth.ts';
import { normalizeLookupValue } from './lookup-value.ts';
import { showValue } from './show-value.ts';
import { applyTransforms } from './transform.ts';
import { checkType, invalidReason } from './value-type.ts';

/** Why a field has no value. */
export interface FieldTrouble {
  readonly reason: string;
  readonly message: string;
  readonly retry: 'never' | 'later';
}

/** A record that a sync has not written yet, or could not. */
export interface MissingReference {
  readonly sync: string;
  /** Its primary key. */
  readonly key: string;
}

/** A field's value (undefined: left out), what was let pass on the way, or what stops the record. */
export interface MappedField {
  readonly value?: Json | undefined;
  /** What the field refers to, and is not there: with `trouble` the record waits for it, with `note` it goes without. */
  readonly missing?: MissingReference | undefined;
  readonly note?: FieldTrouble | undefined;
  readonly trouble?: FieldTrouble | undefined;
}

/** What was read from the record for one field, before the steps. */
export interface FieldInput {
  readonly source: Json | undefined;
  readonly fallback: Json | undefined;
  /** For a lookup with `onMissing: use`. */
  readonly replacement: Json | undefined;
}

/** A field rule, prepared once: option look-ups do not belong in the loop over records. */
export interface FieldSteps {
  readonly rule: FieldRule;
  readonly lookup?:
    | {
        readonly name: string;
        readonly rule: LookupRule;
        readonly whereField: string;
        /** The sync that a reference is to. */
        readonly refersTo?: string;
      }
    | undefined;
  /** How the source is called in messages: a path, or `the expression`. */
  readonly sourceName: string;
  readonly values?: ReadonlyMap<string, Json> | undefined;
  readonly isSensitive: boolean;
}

/** Not refused: held until the record that it refers to is there. */
export const MISSING_REFERENCE = 'missing-reference';

const TOO_DEEP: FieldTrouble = { reason: 'invalid-json', message: `the value has lists or objects nested more than ${MAX_DEPTH} levels deep`, retry: 'never' };

/** source -> transform -> values -> default -> type -> null -> required. Never throws. */
export function mapField(steps: FieldSteps, input: FieldInput, answer: (lookup: string, value: string) => LookupAnswer): MappedField {
  const found: MappedField = steps.lookup === undefined ? { value: input.source } : lookUp(steps, steps.lookup, input, answer);
  if (found.trouble !== undefined) return found;
  const { rule } = steps;
  let value = found.value;
  let note = found.note;
  if (rule.transform !== undefined) value = applyTransforms(value, rule.transform);
  if (steps.values !== undefined) value = translate(value, steps.values, rule.default !== undefined);
  if ((value === undefined || value === null) && input.fallback !== undefined) value = input.fallback;
  if (rule.type !== undefined && value !== undefined && value !== null) {
    const checked = checkType(value, { type: rule.type, options: rule.options, country: rule.country });
    if (checked.ok) {
      value = checked.value;
    } else {
      const trouble: FieldTrouble = { reason: invalidReason(rule.type), message: `${showValue(value, steps.isSensitive)} ${checked.problem}`, retry: 'never' };
      if (rule.onInvalid === undefined || rule.onInvalid === 'reject') return { trouble };
      note = trouble;
      value = rule.onInvalid === 'null' ? null : undefined;
    }
  }
  if (rule.required === true && (value === undefined || value === null || value === '')) return { trouble: missing(steps, input.source, note) };
  if (value !== undefined && isDeeperThan(value, MAX_DEPTH)) return { trouble: TOO_DEEP };
  if (value === null && rule.onNull === 'skip') value = undefined;
  return note === undefined ? { value } : { value, note, missing: found.missing };
}

/** The trouble of an expression that failed on the record. */
export function expressionTrouble(error: unknown, isSensitive: boolean): FieldTrouble {
  if (!(error instanceof ExpressionError)) return { reason: 'expression-failed', message: 'the expression failed on this record', retry: 'never' };
  const message = isSensitive || error.detail === error.message ? error.message : `the expression failed: ${error.detail}`;
  return { reason: 'expression-failed', message, retry: 'never' };
}

function translate(value: Json | undefined, values: ReadonlyMap<string, Json>, hasDefault: boolean): Json | undefined {
  if (value === undefined || value === null) return value;
  const translated = typeof value === 'object' ? undefined : values.get(String(value));
  if (translated !== undefined) return translated;
  return hasDefault ? undefined : value;
}

function missing(steps: FieldSteps, source: Json | undefined, note: FieldTrouble | undefined): FieldTrouble {
  const because =
    note !== undefined ? `: ${note.message}` : source === undefined ? `, and the record has no ${steps.sourceName}` : `, and ${steps.sourceName} is empty`;
  return { reason: 'required-missing', message: `a value is required${because}`, retry: note?.retry ?? 'never' };
}

function missingReference(missing: MissingReference, shown: string, rule: LookupRule): MappedField {
  const trouble: FieldTrouble = { reason: MISSING_REFERENCE, message: `${missing.sync} has not written the record with key ${shown} yet`, retry: 'later' };
  return rule.onMissing === 'omit' ? { note: trouble, missing } : { trouble, missing };
}

function lookUp(
  steps: FieldSteps,
  lookup: NonNullable<FieldSteps['lookup']>,
  input: FieldInput,
  answer: (lookup: string, value: string) => LookupAnswer,
): MappedField {
  const { name, rule, whereField } = lookup;
  const value = normalizeLookupValue(input.source, rule.compare);
  if (value === undefined) return { value: undefined };
  const found = answer(name, value);
  const shown = showValue(input.source, steps.isSensitive);
  switch (found.found) {
    case 'one':
      return { value: found.id };
    case 'many': {
      const trouble: FieldTrouble = {
        reason: 'lookup-ambiguous',
        message: `more than one ${name} with ${whereField} ${shown} (${found.count} found)`,
        retry: 'later',
      };
      return rule.onAmbiguous === 'omit' ? { note: trouble } : { trouble };
    }
    case 'none': {
      if (lookup.refersTo !== undefined) return missingReference({ sync: lookup.refersTo, key: value }, shown, rule);
      const trouble: FieldTrouble = { reason: 'lookup-missing', message: `no ${name} with ${whereField} ${shown}`, retry: 'later' };
      if (rule.onMissing === 'reject') return { trouble };
      if (rule.onMissing === 'omit' || input.replacement === undefined || input.replacement === null || input.replacement === '') return { note: trouble };
      return { value: input.replacement, note: trouble };
    }
  }
}
