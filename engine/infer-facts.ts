import { checkContact } from './contact-value.ts';
import type { FieldFacts, FieldType } from './field-facts.ts';
import { quoteStep } from './field-path.ts';
import { parseIsoTime } from './iso-time.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';

/** Fields of fields: deeper ones are seldom mapped. */
const MAX_DEPTH = 3;
const MAX_FIELDS = 400;
const MAX_EXAMPLES = 12;
/** Values that are looked at to tell what a field holds. */
const MAX_VALUES = 200;
const MAX_EXAMPLE_CHARACTERS = 120;

/** What records show of their fields, in the order in which they are met: names, types as their values have them, examples. Fields inside of objects come by their path, behind them. */
export function inferFacts(records: readonly JsonObject[]): readonly FieldFacts[] {
  const fields = new Map<string, Met>();
  for (const record of records) collect(record, '', 1, fields);
  return [...fields.values()].map(({ name, isNested, values: met }) => {
    const type = typeOfValues(met);
    const examples = examplesOf(met);
    return { name, ...(isNested ? { isNested } : {}), ...(type === undefined ? {} : { type }), ...(examples.length === 0 ? {} : { examples }) };
  });
}

/** The type that all of these values are of; undefined of none, or of a mixture. */
export function typeOfValues(values: readonly Json[]): FieldType | undefined {
  const [first] = values;
  if (first === undefined) return undefined;
  if (values.every((value) => typeof value === 'boolean')) return 'boolean';
  if (values.every((value) => typeof value === 'number')) return values.every((value) => Number.isSafeInteger(value)) ? 'integer' : 'number';
  if (values.every((value) => typeof value === 'object')) return 'json';
  const texts = values.filter((value) => typeof value === 'string');
  return texts.length === values.length ? typeOfTexts(texts) : undefined;
}

function typeOfTexts(texts: readonly string[]): FieldType {
  for (const type of ['email', 'url'] as const) if (texts.every((text) => checkContact(text, type, undefined).ok)) return type;
  if (texts.every((text) => text.startsWith('+') && checkContact(text, 'phone', undefined).ok)) return 'phone';
  if (texts.every((text) => /^\d{4}-\d\d-\d\d$/.test(text))) return 'date';
  return texts.every((text) => /^\d{4}-\d\d-\d\d[T ]/.test(text) && parseIsoTime(text) !== undefined) ? 'datetime' : 'string';
}

interface Met {
  readonly name: string;
  readonly isNested: boolean;
  readonly values: Json[];
}

function collect(object: JsonObject, prefix: string, depth: number, fields: Map<string, Met>): void {
  for (const [name, value] of Object.entries(object)) {
    if (name.includes('`')) continue;
    const path = `${prefix}${quoteStep(name)}`;
    const known = fields.get(path);
    if (known === undefined && fields.size >= MAX_FIELDS) continue;
    const met = known ?? { name: depth === 1 ? name : path, isNested: depth > 1, values: [] };
    fields.set(path, met);
    if (value !== null && value !== '' && met.values.length < MAX_VALUES) met.values.push(value);
    if (isJsonObject(value) && depth < MAX_DEPTH) collect(value, `${path}.`, depth + 1, fields);
  }
}

function examplesOf(values: readonly Json[]): readonly Json[] {
  const plain = values
    .filter((value) => typeof value !== 'object')
    .map((value) => (typeof value === 'string' ? value.slice(0, MAX_EXAMPLE_CHARACTERS) : value));
  return [...new Set(plain)].slice(0, MAX_EXAMPLES);
}
