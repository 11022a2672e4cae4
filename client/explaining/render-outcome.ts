import type { Json } from '../../engine/json.ts';
import { HIDDEN } from '../../engine/show-value.ts';
import type { Output } from '../output/output.ts';
import { type Column, renderTable } from '../output/table.ts';
import { clean, plural, wrap } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';
import type { ExplainedOutcome, FieldDifference } from './explanation.ts';
import { valueWords } from './render-field.ts';

const WIDEST_CELL = 36;

/** What a run would do with the record: in a sentence, then what differs. */
export function renderOutcome(outcome: ExplainedOutcome, target: string, { theme, width }: Pick<Output, 'theme' | 'width'>): string {
  const lines = wrap(`${outcome.outcome}: ${sentenceOf(outcome, target)}`, width - 2).map((line) => `  ${paint(outcome, theme)(line)}`);
  if (outcome.hint !== undefined) lines.push(...wrap(`→ ${outcome.hint}`, width - 2).map((line) => `  ${theme.link(line)}`));
  if (outcome.differences.length > 0) lines.push('', indent(renderDifferences(outcome, theme)));
  if (outcome.kept.length > 0) lines.push('', ...wrap(`Left as it is in the target, by write or conflict: ${outcome.kept.join(', ')}`, width - 2).map(indent));
  if (outcome.dropped.length > 0)
    lines.push('', ...wrap(`Sent last time and not now, so it stays as it is there: ${outcome.dropped.join(', ')}`, width - 2).map(indent));
  return lines.join('\n');
}

function sentenceOf({ outcome, message = '', differences }: ExplainedOutcome, target: string): string {
  switch (outcome) {
    case 'create':
      return `${target} gets a new record with the values above`;
    case 'update':
      return differences.length === 0
        ? 'no value differs, and it is sent all the same'
        : `${plural(differences.length, 'field')} of ${target} would get another value`;
    case 'unchanged':
      return 'this is what the target was told last; nothing is sent';
    default:
      return clean(message);
  }
}

function paint({ outcome }: ExplainedOutcome, theme: Theme): (text: string) => string {
  if (outcome === 'rejected') return theme.bad;
  if (outcome === 'held' || outcome === 'skipped' || outcome === 'update') return theme.warning;
  return theme.good;
}

function renderDifferences({ differences, isInTarget, isSentKnown }: ExplainedOutcome, theme: Theme): string {
  const columns: Column[] = [{ title: 'field' }];
  if (isSentKnown) columns.push({ title: 'sent last' });
  columns.push({ title: 'now' });
  if (isInTarget) columns.push({ title: 'in the target' });
  const rows = differences.map(({ field, sent, now, target }) => [
    field,
    ...(isSentKnown ? [cell(sent, theme)] : []),
    cell(now, theme),
    ...(isInTarget ? [cell(target, theme)] : []),
  ]);
  return renderTable(columns, rows, theme);
}

function cell(value: FieldDifference['sent'] | Json, theme: Theme): string {
  if (value === undefined) return theme.faint('as now');
  return value === HIDDEN ? HIDDEN : value === null ? 'nothing' : valueWords(value, WIDEST_CELL);
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
