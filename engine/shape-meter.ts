import { quoteStep, splitPath } from './field-path.ts';
import type { Json, JsonObject } from './json.ts';
import { isJsonArray } from './plain-json.ts';
import { type FieldShape, JSON_TYPES, type JsonType, type Shape } from './shape.ts';

/** Fields of fields of fields …: deeper ones are not looked at. */
const MAX_DEPTH = 4;
/** Objects whose keys are data would otherwise have no end. */
const MAX_FIELDS = 400;

/** One field: counters, so that a record costs no allocation. */
class FieldCounter {
  present = 0;
  nulls = 0;
  string = 0;
  number = 0;
  boolean = 0;
  object = 0;
  list = 0;
  fields: Map<string, FieldCounter> | undefined;
}

/** Counts which fields records have, and of what kind. Looks at no value but for its kind. */
export class ShapeMeter {
  readonly #fields = new Map<string, FieldCounter>();
  #records = 0;
  #size = 0;
  #isCut = false;

  /**
   * @param from goes on counting there
   * @param watched paths that are counted whatever else there is
   */
  constructor(from?: Shape, watched: readonly string[] = []) {
    for (const path of watched) this.#place(path);
    if (from === undefined) return;
    this.#records = from.records;
    this.#isCut = from.isCut;
    for (const [path, field] of Object.entries(from.fields)) {
      const counter = this.#place(path);
      counter.present = field.present;
      counter.nulls = field.nulls;
      for (const type of JSON_TYPES) counter[type] = field.types[type] ?? 0;
    }
  }

  observe(record: JsonObject): void {
    this.#records += 1;
    this.#countFields(record, this.#fields, 1);
  }

  shape(): Shape {
    const fields: [string, FieldShape][] = [];
    collect(this.#fields, '', fields);
    return { records: this.#records, isCut: this.#isCut, fields: Object.fromEntries(fields.toSorted(([one], [other]) => (one < other ? -1 : 1))) };
  }

  #countFields(object: JsonObject, counters: Map<string, FieldCounter>, depth: number): void {
    for (const name of Object.keys(object)) {
      const value = object[name];
      if (value === undefined) continue;
      const counter = counters.get(name) ?? this.#add(counters, name);
      if (counter !== undefined) this.#countValue(value, counter, depth);
    }
  }

  #countValue(value: Json, counter: FieldCounter, depth: number): void {
    counter.present += 1;
    const type = typeOf(value);
    if (type === undefined) {
      counter.nulls += 1;
      return;
    }
    counter[type] += 1;
    const inner = isJsonArray(value) ? value[0] : value;
    if (typeof inner !== 'object' || inner === null || isJsonArray(inner)) return;
    if (depth === MAX_DEPTH) {
      this.#isCut = true;
      return;
    }
    counter.fields ??= new Map();
    this.#countFields(inner, counter.fields, depth + 1);
  }

  /** @returns undefined where there are too many */
  #add(counters: Map<string, FieldCounter>, name: string): FieldCounter | undefined {
    // A back-quote cannot be written in a path, nor can a field of it be named in a definition.
    if (this.#size >= MAX_FIELDS || name.includes('`')) {
      this.#isCut = true;
      return undefined;
    }
    this.#size += 1;
    const counter = new FieldCounter();
    counters.set(name, counter);
    return counter;
  }

  #place(path: string): FieldCounter {
    let counters = this.#fields;
    let counter = new FieldCounter();
    for (const name of splitPath(path)) {
      const known = counters.get(name);
      if (known === undefined) this.#size += 1;
      counter = known ?? new FieldCounter();
      counters.set(name, counter);
      counter.fields ??= new Map();
      counters = counter.fields;
    }
    return counter;
  }
}

/** @returns undefined of null */
function typeOf(value: Json): JsonType | undefined {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    default:
      if (value === null) return undefined;
      return isJsonArray(value) ? 'list' : 'object';
  }
}

function collect(counters: ReadonlyMap<string, FieldCounter>, prefix: string, into: [string, FieldShape][]): void {
  for (const [name, counter] of counters) {
    const path = `${prefix}${quoteStep(name)}`;
    if (counter.present > 0) into.push([path, { present: counter.present, nulls: counter.nulls, types: typesOf(counter) }]);
    if (counter.fields !== undefined) collect(counter.fields, `${path}.`, into);
  }
}

function typesOf(counter: FieldCounter): FieldShape['types'] {
  return Object.fromEntries(JSON_TYPES.filter((type) => counter[type] > 0).map((type) => [type, counter[type]]));
}
