import { type FieldFacts, readingOf } from '../field-facts.ts';
import { type FieldRule, VALUE_TYPES } from '../field-rule.ts';
import { typeOfValues } from '../infer-facts.ts';
import { typeFit } from '../type-fit.ts';
import { plainValue } from './value-evidence.ts';

/** The part of a rule that is proposed. */
export type ProposedRule = Pick<FieldRule, 'transform' | 'type' | 'values'> & { readonly from: string };

/** How the values of a source field become those of a target field: declared types, and values that are only written otherwise. */
export function proposedRule(source: FieldFacts, target: FieldFacts): ProposedRule {
  const from = readingOf(source);
  const shape = typeOfValues(source.examples ?? []);
  if (target.type === 'email' || source.type === 'email') return { from, transform: ['trim', 'lowercase'], type: 'email' };
  // A number without its country would be refused: only where samples have it.
  if (target.type === 'phone') return shape === 'phone' ? { from, type: 'phone' } : { from };
  const values = correspondingValues(source, target);
  if (values !== undefined) return { from, values };
  const type = VALUE_TYPES.find((name) => name === target.type);
  const isLoose = type !== undefined && DECLARED.includes(type) && source.type !== undefined && typeFit(source.type, type) === 'some';
  return isLoose ? { from, type } : { from };
}
const DECLARED: readonly string[] = ['integer', 'number', 'boolean', 'date', 'datetime', 'url'];

/** Values of the source that the target has in another spelling; undefined where there are none. */
function correspondingValues(source: FieldFacts, { values: known = [] }: FieldFacts): Readonly<Record<string, string>> | undefined {
  const own = source.values ?? (source.examples ?? []).filter((example) => typeof example === 'string').map(String);
  const wanted = new Map(known.map((value) => [plainValue(value), value]));
  const pairs = own.flatMap((value) => {
    const meant = wanted.get(plainValue(value));
    return meant === undefined || meant === value ? [] : [[value, meant] as const];
  });
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}
