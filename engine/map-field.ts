import { dateNumberProblem } from './date-number.ts';
import { ExpressionError } from './expression-error.ts';
import type { FieldRule, LookupAnswer, LookupRule } from './field-rule.ts';
import type { Json } from './json.ts';
import { isDeeperThan, MAX_DEPTH } from './json-depth.ts';
import { normalizeLookupValue } from './lookup-value.ts';
import type { MappingStep, Trace } from './mapping-step.ts';
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

type Answer = (lookup: string, value: string) => LookupAnswer;

/** source -> transform -> values -> default -> type -> null -> required. Never throws. */
export function mapField(steps: FieldSteps, input: FieldInput, answer: Answer, trace?: Trace): MappedField {
  const found: MappedField = steps.lookup === undefined ? { value: input.source } : lookUp(steps, steps.lookup, input, answer, trace);
  if (found.trouble !== undefined) return found;
  const { rule } = steps;
  let value = found.value;
  let note = found.note;
  if (rule.transform !== undefined) value = applyTransforms(value, rule.transform, trace);
  if (steps.values !== undefined) value = translate(value, steps.values, rule.default !== undefined, trace);
  if ((value === undefined || value === null) && input.fallback !== undefined) {
    value = input.fallback;
    trace?.push({ step: 'default', value });
  }
  if (rule.type !== undefined && value !== undefined && value !== null) {
    const checked = dateNumberProblem(value, rule.type) ?? checkType(value, { type: rule.type, options: rule.options, country: rule.country });
    if (checked.ok) {
      value = checked.value;
      trace?.push({ step: 'type', rule: rule.type, value });
    } else {
      const trouble: FieldTrouble = { reason: invalidReason(rule.type), message: `${showValue(value, steps.isSensitive)} ${checked.problem}`, retry: 'never' };
      trace?.push({ step: 'type', rule: rule.type, remark: trouble.message });
      value = rule.onInvalid === 'null' ? null : undefined;
      trace?.push({ step: 'onInvalid', rule: rule.onInvalid ?? 'reject', value });
      if (rule.onInvalid === undefined || rule.onInvalid === 'reject') return { trouble };
      note = trouble;
    }
  }
  if (rule.required === true && (value === undefined || value === null || value === '')) {
    const trouble = missing(steps, input.source, note);
    trace?.push({ step: 'required', value, remark: trouble.message });
    return { trouble };
  }
  if (value !== undefined && isDeeperThan(value, MAX_DEPTH)) {
    trace?.push({ step: 'nesting', remark: TOO_DEEP.message });
    return { trouble: TOO_DEEP };
  }
  if (value === null && rule.onNull === 'skip') {
    value = undefined;
    trace?.push({ step: 'onNull', rule: 'skip' });
  }
  return note === undefined ? { value } : { value, note, missing: found.missing };
}

/** The trouble of an expression that failed on the record. */
export function expressionTrouble(error: unknown, isSensitive: boolean): FieldTrouble {
  if (!(error instanceof ExpressionError)) return { reason: 'expression-failed', message: 'the expression failed on this record', retry: 'never' };
  const message = isSensitive || error.detail === error.message ? error.message : `the expression failed: ${error.detail}`;
  return { reason: 'expression-failed', message, retry: 'never' };
}

function translate(value: Json | undefined, values: ReadonlyMap<string, Json>, hasDefault: boolean, trace?: Trace): Json | undefined {
  if (value === undefined || value === null) return value;
  const translated = typeof value === 'object' ? undefined : values.get(String(value));
  if (translated !== undefined) {
    trace?.push({ step: 'values', value: translated });
    return translated;
  }
  const kept = hasDefault ? undefined : value;
  trace?.push({ step: 'values', value: kept, remark: hasDefault ? 'not listed' : 'not listed: kept as it is' });
  return kept;
}

function missing(steps: FieldSteps, source: Json | undefined, note: FieldTrouble | undefined): FieldTrouble {
  const because =
    note !== undefined ? `: ${note.message}` : source === undefined ? `, and the record has no ${steps.sourceName}` : `, and ${steps.sourceName} is empty`;
  return { reason: 'required-missing', message: `a value is required${because}`, retry: note?.retry ?? 'never' };
}

function missingReference(missing: MissingReference, shown: string, rule: LookupRule, trace?: Trace): MappedField {
  const trouble: FieldTrouble = { reason: MISSING_REFERENCE, message: `${missing.sync} has not written the record with key ${shown} yet`, retry: 'later' };
  trace?.push({ step: 'ref', rule: missing.sync, remark: trouble.message }, { step: 'onMissing', rule: rule.onMissing === 'omit' ? 'later' : 'hold' });
  return rule.onMissing === 'omit' ? { note: trouble, missing } : { trouble, missing };
}

function lookUp(steps: FieldSteps, lookup: NonNullable<FieldSteps['lookup']>, input: FieldInput, answer: Answer, trace?: Trace): MappedField {
  const { name, rule, whereField } = lookup;
  const value = normalizeLookupValue(input.source, rule.compare);
  if (value === undefined) {
    trace?.push({ ...stepOf(lookup), remark: 'nothing to ask for' });
    return { value: undefined };
  }
  const found = answer(name, value);
  const shown = showValue(input.source, steps.isSensitive);
  switch (found.found) {
    case 'one':
      trace?.push({ ...stepOf(lookup), value: found.id, remark: `by ${whereField} ${showValue(value, steps.isSensitive)}` });
      return { value: found.id };
    case 'many': {
      const trouble: FieldTrouble = {
        reason: 'lookup-ambiguous',
        message: `more than one ${name} with ${whereField} ${shown} (${found.count} found)`,
        retry: 'later',
      };
      trace?.push({ ...stepOf(lookup), remark: trouble.message }, { step: 'onAmbiguous', rule: rule.onAmbiguous });
      return rule.onAmbiguous === 'omit' ? { note: trouble } : { trouble };
    }
    case 'none': {
      if (lookup.refersTo !== undefined) return missingReference({ sync: lookup.refersTo, key: value }, shown, rule, trace);
      const trouble: FieldTrouble = { reason: 'lookup-missing', message: `no ${name} with ${whereField} ${shown}`, retry: 'later' };
      const instead = input.replacement === null || input.replacement === '' ? undefined : input.replacement;
      const onMissing = typeof rule.onMissing === 'object' ? 'use' : rule.onMissing;
      trace?.push({ ...stepOf(lookup), remark: trouble.message }, { step: 'onMissing', rule: onMissing, value: instead });
      return onMissing === 'reject' ? { trouble } : { value: instead, note: trouble };
    }
  }
}

function stepOf({ name, refersTo }: NonNullable<FieldSteps['lookup']>): MappingStep {
  return refersTo === undefined ? { step: 'lookup', rule: name } : { step: 'ref', rule: refersTo };
}
