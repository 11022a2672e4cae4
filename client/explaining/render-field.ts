import type { Json } from '../../engine/json.ts';
import type { MappingStep } from '../../engine/mapping-step.ts';
import type { Output } from '../output/output.ts';
import { clean, cut, pad, textWidth, wrap } from '../output/text.ts';
import type { ExplainedField } from './explanation.ts';

/** A longer rule has a line of its own. */
const WIDEST_LABEL = 32;
const NARROWEST_VALUE = 30;
const RESULT = 'gives';
/** Controls, formats but the joiner of emoji, and spaces that are none. */
const INVISIBLE = /\p{Cc}|(?!\u200d)\p{Cf}|\p{Zl}|\p{Zp}|(?! )\p{Zs}/gu;

export interface FieldLayout extends Pick<Output, 'theme' | 'width'> {
  /** The same for all fields of a record, so that values stand below each other. */
  readonly labelWidth: number;
}

export function labelWidthOf(fields: readonly ExplainedField[]): number {
  const widths = fields.flatMap(({ steps }) => steps.map((step) => textWidth(labelOf(step))));
  return Math.max(RESULT.length, ...widths.filter((width) => width <= WIDEST_LABEL));
}

/** The name of a field, its steps with the value after each, and what it comes to. */
export function renderField(explained: ExplainedField, layout: FieldLayout): string {
  const { theme } = layout;
  return [
    theme.strong(explained.field),
    ...explained.steps.flatMap((step) => renderStep(step, layout)),
    `  ${theme.faint(pad(RESULT, layout.labelWidth))}  ${resultWords(explained, layout)}`,
  ].join('\n');
}

function renderStep(step: MappingStep, { theme, width, labelWidth }: FieldLayout): readonly string[] {
  const label = labelOf(step);
  const margin = ' '.repeat(2 + labelWidth + 2);
  const room = Math.max(NARROWEST_VALUE, width - margin.length);
  const [first = '', ...rest] = cellsOf(step, room);
  const below = rest.map((line) => `${margin}${theme.faint(line)}`);
  if (textWidth(label) > labelWidth) return [`  ${theme.faint(label)}`, `${margin}${first}`, ...below];
  return [`  ${theme.faint(pad(label, labelWidth))}  ${first}`.trimEnd(), ...below];
}

function labelOf({ step, rule }: MappingStep): string {
  return rule === undefined ? step : `${step} ${clean(rule)}`;
}

/** The value with its remark beside it, or below where both are too long for a line. */
function cellsOf({ step, rule, value, remark }: MappingStep, room: number): readonly string[] {
  const said = remark === undefined ? '' : clean(remark);
  if (value === undefined) return said === '' ? [stops(step, rule) ? 'stops the record' : 'nothing'] : wrap(said, room);
  const shown = valueWords(value, room);
  if (said === '') return [shown];
  return textWidth(shown) + 2 + textWidth(said) <= room ? [`${shown}  ${said}`] : [shown, ...wrap(said, room)];
}

function stops(step: MappingStep['step'], rule: string | undefined): boolean {
  return (step === 'onInvalid' || step === 'onMissing' || step === 'onAmbiguous') && (rule === 'reject' || rule === 'hold');
}

function resultWords({ result, value }: ExplainedField, { theme, width, labelWidth }: FieldLayout): string {
  switch (result) {
    case 'value':
      return value === null || value === undefined
        ? 'null: cleared in the target'
        : theme.good(valueWords(value, Math.max(NARROWEST_VALUE, width - labelWidth - 4)));
    case 'left-out':
      return 'nothing: the field is not sent';
    case 'rejected':
      return theme.bad('nothing: the record is rejected');
    default:
      return theme.warning('nothing: the record is held');
  }
}

/** As JSON, so that blanks at its ends are seen and a text is no number; what cannot be seen, or would steer a terminal, is escaped. Cut to a width. */
export function valueWords(value: Json, width: number): string {
  const text = JSON.stringify(value).replaceAll(INVISIBLE, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
  return cut(text, width);
}
