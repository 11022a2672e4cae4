import { quoteStep } from './field-path.ts';
import { VALUE_TYPES } from './field-rule.ts';
import type { Json } from './json.ts';

/** What a field of an object holds: a type that a mapping can declare, or the key of another record. */
export const FIELD_TYPES = [...VALUE_TYPES, 'reference'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** What is known of one field of an object, before any record is looked at. What is absent is not known. */
export interface FieldFacts {
  /** As the system names it; of a field inside of another, its path. */
  readonly name: string;
  /** It is inside of another field: it can be read by its path, and not be written by itself. */
  readonly isNested?: boolean;
  /** As people know it. */
  readonly label?: string;
  readonly type?: FieldType;
  /** A record without it is refused. */
  readonly isRequired?: boolean;
  /** It is set by the system itself. */
  readonly isReadOnly?: boolean;
  /** The values that it may have, where it may not have others. */
  readonly values?: readonly string[];
  /** A few values of records: they hold what people have written. */
  readonly examples?: readonly Json[];
}

/** Words that mean something else in an expression. */
const TAKEN = /^(?:and|or|in|true|false|null|function)$/;

/** The expression that reads a field from a record. */
export function readingOf({ name, isNested }: Pick<FieldFacts, 'name' | 'isNested'>): string {
  if (isNested === true) return name;
  return TAKEN.test(name) ? `\`${name}\`` : quoteStep(name);
}

/** How the fields of an object became known. */
export type FieldOrigin = 'metadata' | 'openapi' | 'introspection' | 'catalogue' | 'sample' | 'manifest';

/** By what APIs and databases call them, in lower case and without spaces, digits and signs. */
const WORDS: Readonly<Record<FieldType, string>> = {
  string:
    'string text varchar character charactervarying char bpchar nvarchar clob longtext mediumtext textarea longtextarea citext id uuid guid html richtext encryptedstring combobox singlelinetext multilinetext singleline multiline',
  integer: 'integer int bigint smallint tinyint mediumint long serial bigserial smallserial autonumber',
  number: 'number double float real decimal numeric money currency percent percentage doubleprecision',
  boolean: 'boolean bool bit checkbox',
  date: 'date',
  datetime: 'datetime timestamp timestamptz timestampwithtimezone timestampwithouttimezone smalldatetime',
  email: 'email emailaddress',
  phone: 'phone phonenumber tel telephone',
  url: 'url uri link website',
  enum: 'enum enumeration picklist multipicklist select dropdown singleselect multiselect radio choice',
  json: 'json jsonb object array list map struct address location',
  reference: 'reference lookup masterdetail foreignkey relation relationship',
};
const TYPES: ReadonlyMap<string, FieldType> = new Map(FIELD_TYPES.flatMap((type) => WORDS[type].split(' ').map((word) => [word, type] as const)));

/** The type that an API or a database calls by this word: `varchar(80)`, `double precision`, `picklist`; undefined where that is none of the usual ones. */
export function fieldTypeOf(word: string): FieldType | undefined {
  if (word.trim().endsWith('[]')) return 'json';
  const bare = word.toLowerCase().replaceAll(/\([^)]*\)|[^a-z]/g, '');
  return TYPES.get(bare);
}
