import type { Json, JsonObject } from '../../engine/json.ts';
import { shownText } from '../../engine/shown-text.ts';
import type { FieldChange } from './plan.ts';

/**
 * The fields that would get another value, compared as text: targets answer numbers as text and nulls as absent.
 * @param target as the target shows it; undefined where it was not found
 * @param told what the target was told last: stands in for a field that the target does not show
 */
export function changedFields(fields: JsonObject, target: JsonObject | undefined, told: JsonObject | undefined): readonly FieldChange[] {
  const changes: FieldChange[] = [];
  for (const [field, after] of Object.entries(fields)) {
    const shown = fieldOf(target, field);
    const before = shown === undefined ? fieldOf(told, field) : shown;
    if (shownText(before) === shownText(after)) continue;
    changes.push({ field, after, ...(before === undefined || before === null ? {} : { before }) });
  }
  return changes;
}

function fieldOf(fields: JsonObject | undefined, field: string): Json | undefined {
  return fields !== undefined && Object.hasOwn(fields, field) ? fields[field] : undefined;
}
