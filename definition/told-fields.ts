import type { FieldFacts, FieldOrigin } from '../engine/field-facts.ts';

/** What a system tells of an object that a sync reads or writes. */
export interface ToldFields {
  /** As people know it: `hubspot contacts`. */
  readonly of: string;
  /** None where nothing tells them. */
  readonly facts: readonly FieldFacts[];
  readonly origin: FieldOrigin;
  /** Fields that records were seen to have, whatever is told. */
  readonly seen: readonly string[];
  /** What is not there yet is added with the first records: a table that may be made or widened. */
  readonly isOpen: boolean;
}

/** `an enum`, `a date`: a type as people say it. */
export function typeWords(type: NonNullable<FieldFacts['type']>): string {
  return WORDS[type];
}
const WORDS: Readonly<Record<NonNullable<FieldFacts['type']>, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  date: 'a date',
  datetime: 'a moment',
  email: 'an e-mail address',
  phone: 'a phone number',
  url: 'a web address',
  enum: 'one of its values',
  json: 'an object or a list',
  reference: 'the key of another record',
};
