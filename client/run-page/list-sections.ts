import { formatCount, formatPercent } from '../output/numbers.ts';
import { formatDuration } from '../output/times.ts';
import { bar, escapeText, section, stackedBar, swatch, table } from '../page/markup.ts';
import type { PageDocument } from './page-document.ts';
import { stepBars } from './step-bars.ts';

const RIGHT = 'right' as const;
const none = (text: string) => `<p class="none">${text}</p>`;

export function outcomeSection({ outcomes, books }: PageDocument): string {
  const rows = outcomes.map(({ outcome, records }) => [swatch(outcome), formatCount(records), formatPercent(records, books.taken)]);
  const columns = [
    { title: 'outcome', isMarkup: true },
    { title: 'records', align: RIGHT },
    { title: 'of those taken', align: RIGHT },
  ];
  const shares = outcomes.map(({ outcome, records }) => ({ name: outcome, count: records }));
  const words = books.closes
    ? `The books close: ${formatCount(books.taken)} taken, each with its outcome.`
    : `${formatCount(books.taken)} taken, ${formatCount(books.sum)} outcomes.`;
  return section('Outcomes', words, `${stackedBar(shares, 'Outcomes of the run')}\n${table('Outcomes of the run', columns, rows)}`);
}

export function errorSection({ errors, run }: PageDocument): string {
  if (errors.length === 0) return section('Errors by message', '', none('Nothing of this sync is rejected or held.'));
  const most = Math.max(1, ...errors.map(({ records }) => records));
  const rows = errors.map(({ records, reason, apiCode, field, message, hint }) => [
    formatCount(records),
    bar(records / most, 'rejected'),
    `${field === undefined ? '' : `<b>${escapeText(field)}</b> `}${escapeText(message)}<br><span class="faint">${escapeText([reason, apiCode].filter((word) => word !== undefined).join(', '))}</span>${hint === undefined ? '' : `<br><span class="hint">${escapeText(hint)}</span>`}`,
  ]);
  const columns = [
    { title: 'records', align: RIGHT },
    { title: '', isMarkup: true },
    { title: 'what was said', isMarkup: true, isWords: true },
  ];
  const note = `What is rejected or held of the sync as it stands now. Values of records are left out (…); they are in "syncline errors ${run.sync}".`;
  return section('Errors by message', note, table('Rejected and held, by cause', columns, rows));
}

export function slowestSection({ slowest }: PageDocument): string {
  if (slowest.length === 0) return section('Slowest requests', '', none('The run sent no write request that was answered.'));
  const rows = slowest.map(({ durationMs, fromMs, status, method, path, kind, records, segment }) => [
    formatDuration(durationMs),
    formatDuration(Math.max(0, fromMs)),
    status === null ? '–' : String(status),
    `${method} ${path}`,
    kind,
    formatCount(records),
    formatCount(segment),
  ]);
  const right = (title: string) => ({ title, align: RIGHT });
  return section(
    'Slowest requests',
    'Of those that write. Parts of a path that the definition does not have, such as ids, are left out (…).',
    table(
      'Slowest write requests',
      [right('took'), right('sent at'), right('status'), { title: 'request' }, { title: 'change' }, right('records'), right('segment')],
      rows,
    ),
  );
}

export function stepSection({ steps, waits }: PageDocument): string {
  if (steps.length === 0) return section('Timeline', '', none('The run has not begun.'));
  const rows = steps.map(({ name, fromMs, untilMs, note }) => [name, offset(fromMs), offset(untilMs), formatDuration(untilMs - fromMs), note]);
  const columns = [{ title: 'step' }, { title: 'from', align: RIGHT }, { title: 'until', align: RIGHT }, { title: 'for', align: RIGHT }, { title: 'what' }];
  return section(
    'Timeline of steps',
    'Reading and writing of a segment go side by side: the writer follows the reader through the ledger.',
    `${stepBars(steps, waits)}\n<details><summary>The same as a table</summary>${table('Steps of the run', columns, rows)}</details>`,
  );
}

function offset(ms: number): string {
  return ms < 0 ? `−${formatDuration(-ms)}` : formatDuration(ms);
}
