import type { JsonObject } from './json.ts';

/** What a target has been told of a record, where that is not just what its last change says. */
export interface ToldFields {
  readonly fields: JsonObject;
  /** Fields that stay as others have them there, whatever they were told before. */
  readonly kept: readonly string[];
}

interface Telling {
  /** What is sent, or is there already. */
  readonly sent: JsonObject;
  readonly kept: readonly string[];
  /** What the target was told before. */
  readonly base: JsonObject | undefined;
  /** Fields that the sync writes. */
  readonly mapped: readonly string[];
}

/** What the target has been told once this is sent: beside it, what it was told before in fields that are kept or left out. Undefined where that is only what is sent. */
export function toldAfter({ sent, kept, base = {}, mapped }: Telling): ToldFields | undefined {
  const before = Object.entries(base).filter(([field]) => mapped.includes(field) && !Object.hasOwn(sent, field));
  if (kept.length === 0 && before.length === 0) return undefined;
  return { fields: { ...Object.fromEntries(before), ...sent }, kept };
}
