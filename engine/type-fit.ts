import type { FieldType } from './field-facts.ts';

/** Whether values of one type can stand where another is wanted: all of them, those that happen to be of it, or none. */
export type TypeFit = 'all' | 'some' | 'none';

const NUMBERS: readonly FieldType[] = ['integer', 'number'];
const TIMES: readonly FieldType[] = ['date', 'datetime'];
const CONTACTS: readonly FieldType[] = ['email', 'phone', 'url'];
/** Types whose values are texts of any form. */
const TEXTS: readonly FieldType[] = ['string', 'enum'];

/** As values are sent: a number may go where a text is wanted, and a text where a number is, if it happens to be one. */
export function typeFit(from: FieldType, to: FieldType): TypeFit {
  if (from === to || to === 'json') return 'all';
  if (from === 'json') return 'none';
  if (to === 'string') return 'all';
  if (to === 'enum') return TIMES.includes(from) || CONTACTS.includes(from) ? 'none' : 'some';
  if (to === 'reference') return TEXTS.includes(from) || NUMBERS.includes(from) ? 'some' : 'none';
  if (TEXTS.includes(from)) return 'some';
  if (from === 'reference') return NUMBERS.includes(to) ? 'some' : 'none';
  if (from === 'integer') return to === 'number' ? 'all' : to === 'boolean' || to === 'datetime' || to === 'phone' ? 'some' : 'none';
  if (from === 'number') return to === 'integer' ? 'some' : 'none';
  if (from === 'date') return to === 'datetime' ? 'all' : 'none';
  return from === 'datetime' && to === 'date' ? 'some' : 'none';
}
