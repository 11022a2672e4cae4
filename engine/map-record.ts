import type { Rejection } from './errors.ts';
import type { Bindings, Expression } from './expression.ts';
import { compileExpression } from './expression.ts';
import { isAbsent, splitPath } from './field-path.ts';
import type { FieldRule, LookupAnswer, LookupRule } from './field-rule.ts';
import type { Json, JsonObject } from './json.ts';
import { normalizeLookupValue } from './lookup-value.ts';
import type { FieldInput, FieldSteps, FieldTrouble, MappedField, MissingReference } from './map-field.ts';
import { expressionTrouble, mapField } from './map-field.ts';
import type { FieldTrace, LookupRequest, MappingNote, MappingResult, MappingTrace } from './mapping-result.ts';
import type { MappingStep, Trace } from './mapping-step.ts';
import { type MaybePromise, whenAllKnown } from './maybe-promise.ts';
import type { Template } from './template.ts';
import { compileTemplate } from './template.ts';

/** Answers a lookup from what was fetched before. Must not throw. */
export type AnswerLookup = (lookup: string, value: string) => LookupAnswer;

/** A compiled mapping. Immutable; `map`, `trace` and `lookupValues` never throw or reject, whatever the record. */
export interface Mapping {
  /** All methods answer at once: all expressions are plain paths. */
  readonly isSync: boolean;
  /** By target field: the paths of the source record that its rule reads, as well as can be told. */
  readonly reads: ReadonlyMap<string, readonly string[]>;
  /** The values that the mapping will look up for this record; each lookup and value once. */
  lookupValues(record: JsonObject, bindings?: Bindings): MaybePromise<readonly LookupRequest[]>;
  /** Maps one record. Collects all its rejections, not only the first. */
  map(record: JsonObject, lookups: AnswerLookup, bindings?: Bindings): MaybePromise<MappingResult>;
  /** Maps one record by the same steps, and tells them. */
  trace(record: JsonObject, lookups: AnswerLookup, bindings?: Bindings): MaybePromise<MappingTrace>;
}

interface CompiledField {
  readonly name: string;
  readonly steps: FieldSteps;
  /** Absent for a constant. */
  readonly source?: Expression | undefined;
  readonly constant?: Json | undefined;
  readonly fallback?: Template | undefined;
  readonly replacement?: Template | undefined;
  /** Paths that every record is expected to have: where one is absent, the field is left out, and nothing stands in for it. */
  readonly expected: readonly (readonly string[])[];
  /** It has no value but that of one path. */
  readonly isPlain: boolean;
}

const NOTHING_EXPECTED: ReadonlySet<string> = new Set();
/** Of a field that is left out, as what it is made of has vanished. */
const WITHHELD: FieldInput = { source: undefined, fallback: undefined, replacement: undefined };

type Failed = { readonly failed: FieldTrouble };
type Read = FieldInput | Failed;

/**
 * Compiles the mapping of a sync. A rule that is a string is a `from`.
 * @param expected paths that every record of the source had: absent is not empty, so what an expression or a default would make of a record without one is not sent
 * @throws ExpressionError where an expression or template is wrong; Error where a field names a lookup that is not there (both are refused by `check` before)
 */
export function compileMapping(
  mapping: Readonly<Record<string, FieldRule | string>>,
  lookups: Readonly<Record<string, LookupRule>>,
  expected: ReadonlySet<string> = NOTHING_EXPECTED,
): Mapping {
  const fields = Object.entries(mapping).map(([name, rule]) => compileField(name, typeof rule === 'string' ? { from: rule } : rule, lookups, expected));
  const looked = fields.filter((field) => field.steps.lookup !== undefined);
  const isSync = fields.every((field) => (field.source?.isPath ?? true) && (field.fallback?.isSync ?? true) && (field.replacement?.isSync ?? true));
  return {
    isSync,
    reads: new Map(fields.map((field) => [field.name, readsOf(field)])),
    lookupValues: (record, bindings) =>
      looked.length === 0
        ? []
        : whenAllKnown(
            looked.map((field) => readField(field, record, bindings)),
            (inputs) => requestsOf(looked, inputs),
          ),
    map: (record, answer, bindings) =>
      whenAllKnown(
        fields.map((field) => readField(field, record, bindings)),
        (inputs) => assemble(fields, inputs, answer),
      ),
    trace: (record, answer, bindings) =>
      whenAllKnown(
        fields.map((field) => readField(field, record, bindings)),
        (inputs) => {
          const traces: FieldTrace[] = [];
          return { result: assemble(fields, inputs, answer, traces), fields: traces };
        },
      ),
  };
}

function compileField(name: string, rule: FieldRule, lookups: Readonly<Record<string, LookupRule>>, expected: ReadonlySet<string>): CompiledField {
  const lookup = rule.ref !== undefined ? refLookup(rule.ref) : rule.lookup === undefined ? undefined : findLookup(name, rule.lookup, lookups);
  const text = lookup?.where ?? rule.from ?? rule.expression;
  const source = text === undefined ? undefined : compileExpression(text);
  const onMissing = lookup?.rule.onMissing;
  const values = rule.values === undefined ? undefined : new Map(Object.entries(rule.values));
  const read = {
    source,
    constant: rule.value,
    fallback: rule.default === undefined ? undefined : compileTemplate(rule.default),
    replacement: typeof onMissing === 'object' ? compileTemplate(onMissing.use) : undefined,
  };
  return {
    name,
    steps: { rule, lookup, sourceName: source?.isPath === true ? source.source : 'what the expression gives', values, isSensitive: rule.sensitive === true },
    ...read,
    expected: readsOf(read).flatMap((path) => (expected.has(path) ? [splitPath(path)] : [])),
    isPlain: source?.isPath === true && read.fallback === undefined && read.replacement === undefined,
  };
}

type Reading = Pick<CompiledField, 'source' | 'fallback' | 'replacement'>;

function readsOf({ source, fallback, replacement }: Reading): readonly string[] {
  return [...new Set([source, ...(fallback?.expressions ?? []), ...(replacement?.expressions ?? [])].flatMap((expression) => expression?.paths ?? []))];
}

/** A reference is looked up in what another sync has written; what is not there yet comes later, and the record waits for it or goes without. */
function refLookup({ sync, from, onMissing }: NonNullable<FieldRule['ref']>): NonNullable<FieldSteps['lookup']> & { readonly where: string } {
  return {
    name: refLookupName(sync),
    refersTo: sync,
    rule: { where: { key: from }, compare: 'exact', onMissing: onMissing === 'later' ? 'omit' : 'reject', onAmbiguous: 'reject' },
    whereField: 'key',
    where: from,
  };
}

/** The name under which a mapping asks for the target ids of another sync: no lookup of a definition has such a one. */
export function refLookupName(sync: string): string {
  return `ref ${sync}`;
}

function findLookup(
  field: string,
  name: string,
  lookups: Readonly<Record<string, LookupRule>>,
): { name: string; rule: LookupRule; whereField: string; where: string } {
  const rule = Object.hasOwn(lookups, name) ? lookups[name] : undefined;
  const [where] = Object.entries(rule?.where ?? {});
  if (rule === undefined || where === undefined) throw new Error(`mapping.${field} names a lookup that is not defined: ${name}`);
  return { name, rule, whereField: where[0], where: where[1] };
}

/** Evaluates what a field needs of the record; a failure is a value, so that the other fields are still looked at. */
function readField(field: CompiledField, record: JsonObject, bindings: Bindings | undefined): MaybePromise<Read> {
  if (!field.isPlain && lacksExpected(field, record)) return WITHHELD;
  try {
    const source = field.source === undefined ? field.constant : field.source.evaluate(record, bindings);
    if (source === undefined && lacksExpected(field, record)) return WITHHELD;
    const fallback = field.fallback?.render(record, bindings);
    const replacement = field.replacement?.render(record, bindings);
    if (source instanceof Promise || fallback instanceof Promise || replacement instanceof Promise) {
      return Promise.all([source, fallback, replacement]).then(
        (values): Read => ({ source: values[0], fallback: values[1], replacement: values[2] }),
        (error: unknown) => failure(error, field),
      );
    }
    return { source, fallback, replacement };
  } catch (error) {
    return failure(error, field);
  }
}

function lacksExpected({ expected }: CompiledField, record: JsonObject): boolean {
  return expected.length > 0 && expected.some((path) => isAbsent(record, path));
}

function failure(error: unknown, field: CompiledField): Failed {
  return { failed: expressionTrouble(error, field.steps.isSensitive) };
}

/** What became of one field; its steps are put into the trace. */
function mapRead(field: CompiledField, input: Read, answer: AnswerLookup, trace?: Trace): MappedField {
  const hasFailed = 'failed' in input;
  if (input === WITHHELD) trace?.push({ ...readStep(field), remark: 'vanished: every record had it when all were read last; what was told stays' });
  else trace?.push({ ...readStep(field), ...(hasFailed ? { remark: input.failed.message } : { value: input.source }) });
  return hasFailed ? { trouble: input.failed } : mapField(field.steps, input, answer, trace);
}

/** Where the value is read from, by the key that says so. */
function readStep({ steps: { rule }, source }: CompiledField): Pick<MappingStep, 'step' | 'rule'> {
  if (source === undefined) return { step: 'value' };
  return { step: rule.expression === undefined ? 'from' : 'expression', rule: source.source };
}

/** @param traces where given, how each field came about is put there */
function assemble(fields: readonly CompiledField[], inputs: readonly Read[], answer: AnswerLookup, traces?: FieldTrace[]): MappingResult {
  const values: (Json | undefined)[] = [];
  const rejections: Rejection[] = [];
  const notes: MappingNote[] = [];
  const waitsFor: MissingReference[] = [];
  const goesWithout: MissingReference[] = [];
  const vanished: string[] = [];
  for (let place = 0; place < fields.length; place++) {
    const [field, input] = [fields[place], inputs[place]];
    if (field === undefined || input === undefined) continue;
    const steps: Trace | undefined = traces === undefined ? undefined : [];
    const mapped = mapRead(field, input, answer, steps);
    if (steps !== undefined) traces?.push({ field: field.name, isSensitive: field.steps.isSensitive, steps, ...mapped });
    const { value, note, trouble, missing } = mapped;
    if (missing !== undefined) (trouble === undefined ? goesWithout : waitsFor).push(missing);
    if (trouble !== undefined) rejections.push({ ...trouble, field: field.name });
    if (note !== undefined) notes.push({ field: field.name, reason: note.reason, message: note.message });
    values[place] = value;
    if (value === undefined && input === WITHHELD) vanished.push(field.name);
  }
  const [first, ...rest] = rejections;
  return first === undefined
    ? {
        ok: true,
        fields: fieldsOf(fields, values),
        notes,
        ...(goesWithout.length === 0 ? {} : { missing: goesWithout }),
        ...(vanished.length === 0 ? {} : { vanished }),
      }
    : { ok: false, rejections: [first, ...rest], ...(waitsFor.length === 0 ? {} : { missing: waitsFor }) };
}

/** In the order of the mapping. */
function fieldsOf(fields: readonly CompiledField[], values: readonly (Json | undefined)[]): JsonObject {
  const object: Record<string, Json> = {};
  for (let place = 0; place < fields.length; place++) {
    const [name, value] = [fields[place]?.name, values[place]];
    if (name === undefined || value === undefined) continue;
    if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
    else object[name] = value;
  }
  return object;
}

function requestsOf(fields: readonly CompiledField[], inputs: readonly Read[]): readonly LookupRequest[] {
  const requests = new Map<string, LookupRequest>();
  for (const [index, { steps }] of fields.entries()) {
    const input = inputs[index];
    if (input === undefined || 'failed' in input || steps.lookup === undefined) continue;
    const value = normalizeLookupValue(input.source, steps.lookup.rule.compare);
    if (value === undefined || input.source === undefined) continue;
    requests.set(JSON.stringify([steps.lookup.name, value]), { lookup: steps.lookup.name, value, raw: input.source });
  }
  return [...requests.values()];
}
