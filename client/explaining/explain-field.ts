import type { Json } from '../../engine/json.ts';
import { MISSING_REFERENCE } from '../../engine/map-field.ts';
import type { FieldTrace } from '../../engine/mapping-result.ts';
import { HIDDEN } from '../../engine/show-value.ts';
import type { ExplainedField } from './explanation.ts';

/** A field's trace, fit to be shown. */
export function explainField({ field, isSensitive, steps, value, note, trouble }: FieldTrace): ExplainedField {
  const message = (trouble ?? note)?.message;
  const shown = { field, steps: steps.map((step) => hideIn(step, isSensitive)), ...(message === undefined ? {} : { message }) };
  if (trouble !== undefined) return { ...shown, result: trouble.reason === MISSING_REFERENCE ? 'held' : 'rejected' };
  if (value === undefined) return { ...shown, result: 'left-out' };
  return { ...shown, result: 'value', value: hidden(value, isSensitive) };
}

function hideIn<Step extends { readonly value?: Json | undefined }>(step: Step, isSensitive: boolean): Step {
  return step.value === undefined ? step : { ...step, value: hidden(step.value, isSensitive) };
}

/** As `records` has it: that there is nothing may be seen. */
function hidden(value: Json, isSensitive: boolean): Json {
  return isSensitive && value !== null ? HIDDEN : value;
}
