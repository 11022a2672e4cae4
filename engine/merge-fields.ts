import type { Json, JsonObject } from './json.ts';
import type { LearnedFormats } from './reconcile.ts';
import { likenessOf } from './same-value.ts';

/** Whose value stands where both sides changed a field. `review`: a person decides. */
export const CONFLICT_POLICIES = ['source-wins', 'target-wins', 'newest-wins', 'review'] as const;
export type ConflictPolicy = (typeof CONFLICT_POLICIES)[number];

/** When a mapped field is written: always, where the target has nothing, or once and never again. */
export const WRITE_RULES = ['always', 'if-empty', 'once'] as const;
export type WriteRule = (typeof WRITE_RULES)[number];

export interface MergeInput {
  /** To be written. */
  readonly ours: JsonObject;
  /** What the target was told last; undefined where it was never told. */
  readonly base: JsonObject | undefined;
  /** What the target shows now; undefined where it has no such record, or was not asked. */
  readonly theirs: JsonObject | undefined;
  readonly policy: ConflictPolicy;
  /** Of newest-wins; undefined where that cannot be told. */
  readonly isSourceNewer: boolean | undefined;
  /** By field; absent: always. */
  readonly writes: Readonly<Record<string, WriteRule>>;
  /** The target has the record no more, or only as one that was taken away: what was told once is told anew. @default false */
  readonly isAnew?: boolean | undefined;
  /** In which the target writes a field whatever it is told: such a difference is nobody's edit. @default {} */
  readonly formats?: LearnedFormats | undefined;
}

export interface FieldConflict {
  readonly field: string;
  readonly ours: Json;
  readonly theirs: Json;
}

export interface Merged {
  /** What is left to write. */
  readonly fields: JsonObject;
  /** Whether any of it is other than what the target shows. */
  readonly hasNews: boolean;
  /** Fields that stay as they are in the target. */
  readonly kept: readonly string[];
  /** For a person: nothing of the record is written meanwhile. */
  readonly conflicts: readonly FieldConflict[];
}

/**
 * Three ways, field by field: what was told last, what the source has now, what the target has now. A field that only the others changed stays theirs, unless the source
 * wins whatever happens; one that both changed goes by the policy. What the target does not show is written.
 */
export function mergeFields(input: MergeInput): Merged {
  const fields: [string, Json][] = [];
  const kept: string[] = [];
  const conflicts: FieldConflict[] = [];
  for (const [field, ours] of Object.entries(input.ours)) {
    const fate = fateOf(field, ours, input);
    if (fate === 'send') fields.push([field, ours]);
    else if (fate === 'keep') kept.push(field);
    else conflicts.push({ field, ours, theirs: input.theirs?.[field] ?? null });
  }
  const hasNews = fields.some(([field, ours]) => likenessOf(ours, ownValue(input.theirs, field)) !== 'same' || ownValue(input.theirs, field) === undefined);
  return { fields: Object.fromEntries(fields), hasNews, kept, conflicts };
}

function fateOf(field: string, ours: Json, { base, theirs, policy, isSourceNewer, writes, isAnew = false, formats = {} }: MergeInput): 'send' | 'keep' | 'ask' {
  const told = ownValue(base, field);
  const rule = writes[field] ?? 'always';
  if (rule === 'once' && !isBlank(told) && !isAnew) return 'keep';
  const there = ownValue(theirs, field);
  if (there === undefined) return 'send';
  if (rule === 'if-empty' && !isBlank(there)) return 'keep';
  if (policy === 'source-wins' || isBlank(there)) return 'send';
  const known = Object.hasOwn(formats, field) ? (formats[field] ?? []) : [];
  const isThere = (value: Json) => ['same', ...known].includes(likenessOf(value, there));
  const isTheirsNew = told === undefined || !isThere(told);
  if (!isTheirsNew || isThere(ours)) return 'send';
  if (told !== undefined && likenessOf(told, ours) === 'same') return 'keep';
  if (policy === 'target-wins') return 'keep';
  if (policy === 'review' || isSourceNewer === undefined) return 'ask';
  return isSourceNewer ? 'send' : 'keep';
}

function ownValue(fields: JsonObject | undefined, field: string): Json | undefined {
  return fields !== undefined && Object.hasOwn(fields, field) ? fields[field] : undefined;
}

function isBlank(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '';
}
