import type { Json, JsonObject } from './json.ts';
import { type Format, likenessOf } from './same-value.ts';

/** `missing`: the target no longer has it; `changed`: others changed it there; `duplicated`: the target has several; `extra`: nobody sent it; `stale`: as written, and the source has changed since. */
export const FINDING_KINDS = ['missing', 'changed', 'duplicated', 'extra', 'stale'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** A field whose value in the target is not what was written. */
export interface FieldDrift {
  readonly field: string;
  readonly written: Json;
  readonly found: Json;
  /** Only written in another way. */
  readonly format?: Format;
}

/** How often a field came back in each way, over all records compared. */
export type FieldTally = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Formats that the target gives to a field, whatever is written. */
export type LearnedFormats = Readonly<Record<string, readonly Format[]>>;

const FEWEST_EXAMPLES = 3;
const SHARE = 0.9;

/** Compares what was written with what the target shows of it; a field that it does not show is left alone. */
export function driftOf(written: JsonObject, found: JsonObject): readonly FieldDrift[] {
  const drifts: FieldDrift[] = [];
  for (const [field, value] of Object.entries(written)) {
    if (!Object.hasOwn(found, field)) continue;
    const likeness = likenessOf(value, found[field]);
    if (likeness === 'same') continue;
    drifts.push({ field, written: value, found: found[field] ?? null, ...(likeness === 'different' ? {} : { format: likeness }) });
  }
  return drifts;
}

export function addToTally(tally: FieldTally, drifts: readonly FieldDrift[]): FieldTally {
  let sum = tally;
  for (const { field, format = 'different' } of drifts) {
    const counts = ownOf(sum, field);
    sum = { ...sum, [field]: { ...counts, [format]: (counts?.[format] ?? 0) + 1 } };
  }
  return sum;
}

/** What the target does to a field whoever writes it: nearly all that comes back differently differs in this way alone. */
export function learnFormats(tally: FieldTally, known: LearnedFormats): LearnedFormats {
  let learned = known;
  for (const [field, counts] of Object.entries(tally)) {
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    for (const format of ['trim', 'case', 'digits', 'order'] as const) {
      const count = counts[format] ?? 0;
      const formats = ownOf(learned, field) ?? [];
      if (count < FEWEST_EXAMPLES || count < all * SHARE || formats.includes(format)) continue;
      learned = { ...learned, [field]: [...formats, format] };
    }
  }
  return learned;
}

/** What is left of the drift of a record once the target's own ways are known. */
export function withoutFormats(drifts: readonly FieldDrift[], learned: LearnedFormats): readonly FieldDrift[] {
  return drifts.filter(({ field, format }) => format === undefined || ownOf(learned, field)?.includes(format) !== true);
}

/** A field may be called `constructor`. */
function ownOf<Value>(fields: Readonly<Record<string, Value>>, field: string): Value | undefined {
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}

/** Records that the target has fewer than it was told of; more of them are not this sync's. */
export function fewerThanTold({ told, inTarget }: { readonly told: number; readonly inTarget: number }): number {
  return Math.max(0, told - inTarget);
}
