import type { Json } from '../../engine/json.ts';
import { likenessOf } from '../../engine/same-value.ts';
import { HIDDEN } from '../../engine/show-value.ts';
import type { Output } from '../output/output.ts';
import { type Column, renderTable } from '../output/table.ts';
import { clean, plural, wrap } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';
import { formatTime } from '../output/times.ts';
import type { ExplainedOutcome } from './explanation.ts';
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

function sentenceOf({ outcome, message = '', differences, kept, isRepeat, retryAt }: ExplainedOutcome, target: string): string {
  switch (outcome) {
    case 'create':
      return `${target} gets a new record with the values above`;
    case 'update':
      if (differences.length === 0) return 'none of the values differs, and the record is sent all the same';
      return `${plural(differences.length, 'field')} ${differences.length === 1 ? 'differs' : 'differ'}`;
    case 'unchanged':
      return kept.length > 0 ? 'all that differs is left as it is in the target; nothing is sent' : 'this is what the target was told last; nothing is sent';
    case 'rejected':
      if (isRepeat !== true) return clean(message);
      return `the target refused the same content before, and it is not sent again ${againWords(retryAt)}: ${clean(message)}`;
    default:
      return clean(message);
  }
}

function againWords(retryAt: string | undefined): string {
  return retryAt === undefined ? 'until the record or the mapping changes, or you ask' : `before ${formatTime(Date.parse(retryAt))}, unless you ask`;
}

function paint({ outcome }: ExplainedOutcome, theme: Theme): (text: string) => string {
  if (outcome === 'rejected') return theme.bad;
  if (outcome === 'held' || outcome === 'skipped' || outcome === 'update') return theme.warning;
  return theme.good;
}

function renderDifferences({ differences, isInTarget, isSentKnown }: ExplainedOutcome, theme: Theme): string {
  const columns: Column[] = [{ title: 'field' }, { title: 'now' }];
  if (isSentKnown) columns.push({ title: 'sent last' });
  if (isInTarget) columns.push({ title: 'in the target' });
  const rows = differences.map(({ field, now, sent, target }) => [
    clean(field),
    shown(now),
    ...(isSentKnown ? [sent === undefined ? 'nothing' : beside(now, sent, theme)] : []),
    ...(isInTarget ? [target === undefined ? theme.faint('not shown') : beside(now, target, theme)] : []),
  ]);
  return renderTable(columns, rows, theme);
}

/** Hidden values may be the same or not. */
function beside(now: Json, other: Json, theme: Theme): string {
  return now !== HIDDEN && likenessOf(now, other) === 'same' ? theme.faint('as now') : shown(other);
}

function shown(value: Json): string {
  if (value === HIDDEN) return HIDDEN;
  return value === null ? 'nothing' : valueWords(value, WIDEST_CELL);
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
