import type { FieldFacts, FieldType } from '../field-facts.ts';
import { typeOfValues } from '../infer-facts.ts';

/** What the values of two fields say of whether they are the same. */
export interface ValueEvidence {
  /** Added to what the names say. */
  readonly bonus: number;
  /** How sure values alone make it, whatever the names. */
  readonly alone: number;
  readonly reason: string | undefined;
}

const NOTHING: ValueEvidence = { bonus: 0, alone: 0, reason: undefined };
const CONTACTS: readonly FieldType[] = ['email', 'phone', 'url'];
/** Fewer values may meet by chance. */
const LEAST_VALUES = 3;

/** Compares what the source has with what the target may have: lists of values, and the form of samples. */
export function valueEvidence(source: FieldFacts, target: FieldFacts): ValueEvidence {
  const { values: known = [] } = target;
  if (known.length > 0) return listed(source, known);
  return shaped(source, target);
}

function listed(source: FieldFacts, known: readonly string[]): ValueEvidence {
  const own = source.values ?? (source.examples ?? []).filter((example) => typeof example !== 'object').map(String);
  if (own.length === 0) return NOTHING;
  const wanted = new Set(known.map(plainValue));
  const shared = own.filter((value) => wanted.has(plainValue(value)));
  if (shared.length === 0) return differing(source, own, known);
  const share = shared.length / Math.min(own.length, known.length);
  const isAll =
    shared.length === own.length && new Set(shared.map(plainValue)).size >= LEAST_VALUES && !shared.every((value) => /^(?:\d+|true|false)$/i.test(value));
  return {
    bonus: 0.05 * Math.min(1, share),
    alone: isAll ? 0.82 : 0,
    reason: `${isAll ? 'its values are' : 'some of its values are'} among those of the target`,
  };
}

/** Lists that have nothing in common: the field may be right, but each value needs to be said. Of samples little is known. */
function differing(source: FieldFacts, own: readonly string[], known: readonly string[]): ValueEvidence {
  if (source.values === undefined) return NOTHING;
  const first = (value: string) => /[\p{L}\p{N}]+/u.exec(value)?.[0]?.toLowerCase() ?? '';
  const isAlike = own.some((value) => known.some((other) => first(value) === first(other)));
  return isAlike ? { bonus: -0.05, alone: 0, reason: undefined } : { bonus: -0.22, alone: 0, reason: 'none of its values is among those of the target' };
}

function shaped(source: FieldFacts, { type }: FieldFacts): ValueEvidence {
  const shape = typeOfValues(source.examples ?? []);
  if (shape === undefined || type === undefined || !CONTACTS.includes(type)) return NOTHING;
  if (shape === type) return { bonus: 0.03, alone: 0, reason: `its values are ${SHAPES[shape] ?? shape}` };
  // What is called so, and is none.
  return type === 'phone' || shape !== 'string' ? NOTHING : { bonus: -0.3, alone: 0, reason: undefined };
}
const SHAPES: Readonly<Partial<Record<FieldType, string>>> = { email: 'e-mail addresses', phone: 'phone numbers', url: 'web addresses' };

/** Without case, spaces and signs: `IN_PROGRESS` and `In progress` are the same. */
export function plainValue(value: string): string {
  return value.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}
