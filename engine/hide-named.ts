import { isJsonObject, type Json } from './json.ts';

const HIDDEN = '•••';
/** A shorter text may be a part of any other. */
const SHORTEST = 3;
/** Where an object says in one property whose value another one has: `{ "name": "email", "value": "…" }`. */
const NAMING = new Set(['name', 'property', 'propertyname', 'field', 'fieldname', 'column', 'key']);

/** Hides the values of fields in what was sent and answered, by the names of the fields, and the same values wherever else they stand. */
export class NamedHider {
  readonly #names: ReadonlySet<string>;
  readonly #values = new Set<string>();

  /** @param names of fields, in any case */
  constructor(names: readonly string[]) {
    this.#names = new Set(names.map((name) => name.toLowerCase()));
  }

  /** A value to be hidden that stands under another name. */
  add(value: Json | undefined): void {
    if (Array.isArray(value)) for (const item of value) this.add(item);
    else if (isJsonObject(value)) for (const item of Object.values(value)) this.add(item);
    else if ((typeof value === 'string' || typeof value === 'number') && String(value).length >= SHORTEST) this.#values.add(String(value));
  }

  /** At any depth. What it finds it knows from then on. */
  hideFields(value: Json): Json {
    if (this.#names.size === 0) return value;
    if (Array.isArray(value)) return value.map((item) => this.hideFields(item));
    if (!isJsonObject(value)) return value;
    const isNamed = Object.entries(value).some(([key, item]) => NAMING.has(key.toLowerCase()) && typeof item === 'string' && this.#isName(item));
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        this.#isName(key) || (isNamed && !NAMING.has(key.toLowerCase())) ? this.#hide(item) : this.hideFields(item),
      ]),
    );
  }

  /** What `hideFields` has found and what was added, in a text: as it is, in JSON and in a URL, in any case. */
  hideValues(text: string): string {
    if (this.#values.size === 0) return text;
    const forms = [...this.#values].flatMap((value) => {
      const inUrl = encodeURIComponent(value.toWellFormed());
      return [value, JSON.stringify(value).slice(1, -1), inUrl, inUrl.replaceAll('%20', '+')];
    });
    const longestFirst = [...new Set(forms)].toSorted((one, other) => other.length - one.length);
    const pattern = longestFirst.map((form) => form.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
    return text.replaceAll(new RegExp(pattern, 'gi'), HIDDEN);
  }

  #isName(name: string): boolean {
    return this.#names.has(name.toLowerCase());
  }

  #hide(value: Json): Json {
    this.add(value);
    return value === null ? null : HIDDEN;
  }
}
