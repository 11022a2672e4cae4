import type { Json } from './json.ts';
import type { WriteRule } from './merge-fields.ts';

/** What a mapped value may be declared to be; validated and normalised by `type`. */
export const VALUE_TYPES = ['string', 'integer', 'number', 'boolean', 'date', 'datetime', 'email', 'phone', 'url', 'enum', 'json'] as const;
export type ValueType = (typeof VALUE_TYPES)[number];

/** Steps applied to a string before it is validated. Other values pass unchanged. */
export const TRANSFORMS = ['trim', 'lowercase', 'uppercase', 'title-case', 'collapse-spaces', 'digits-only', 'strip-html', 'empty-to-null'] as const;
export type Transform = (typeof TRANSFORMS)[number];

/** How one target field gets its value: source -> transform -> values -> default -> type -> required. Exactly one of from, expression, lookup, ref, value. */
export interface FieldRule {
  /** JSONata over the source record, usually a plain path. */
  readonly from?: string | undefined;
  /** JSONata over the source record. */
  readonly expression?: string | undefined;
  /** Name of a lookup. */
  readonly lookup?: string | undefined;
  /** The target id that another sync has for the record with this key. `later`: the record does without until it is there. @default onMissing 'hold' */
  readonly ref?: { readonly sync: string; readonly from: string; readonly onMissing?: 'hold' | 'later' | undefined } | undefined;
  /** The same constant for every record. */
  readonly value?: string | number | boolean | undefined;
  readonly transform?: readonly Transform[] | undefined;
  readonly values?: Readonly<Record<string, Json>> | undefined;
  readonly default?: Json | undefined;
  readonly type?: ValueType | undefined;
  readonly options?: readonly string[] | undefined;
  readonly country?: string | undefined;
  readonly required?: boolean | undefined;
  readonly onInvalid?: 'reject' | 'omit' | 'null' | undefined;
  readonly onNull?: 'clear' | 'skip' | undefined;
  readonly write?: WriteRule | undefined;
  readonly sensitive?: boolean | undefined;
}

/** A lookup as the mapping sees it. */
export interface LookupRule {
  /** Field of the looked-up object: expression over the source record. One entry. */
  readonly where: Readonly<Record<string, string>>;
  readonly compare: 'normalized' | 'exact';
  readonly onMissing: 'reject' | 'omit' | { readonly use: string };
  readonly onAmbiguous: 'reject' | 'omit';
}

/** What a lookup table knows of one value. */
export type LookupAnswer = { readonly found: 'one'; readonly id: Json } | { readonly found: 'none' } | { readonly found: 'many'; readonly count: number };
