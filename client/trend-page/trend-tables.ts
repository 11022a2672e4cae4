import { formatCount } from '../output/numbers.ts';
import { plural } from '../output/text.ts';
import { formatDuration, formatTime } from '../output/times.ts';
import { bar, escapeText, section, stackedBar, swatch, table } from '../page/markup.ts';
import { changeWords, figureWords } from './figure-words.ts';
import type { Kpi } from './kpis.ts';
import type { TrendDocument } from './read-trend.ts';
import type { TrendRun } from './trend-runs.ts';

const RIGHT = 'right' as const;
/** Of the newest; the others are folded away. */
const OPEN_ROWS = 30;
const MOST_ROWS = 500;
/** A change that people should see. */
const NOTABLE = 0.1;

export function kpiSection({ kpis, outcomes }: TrendDocument): string {
  const rows = kpis.map((kpi) => {
    const { name, unit, median, p95, before, after } = kpi;
    return [escapeText(name), ...[median, p95, before, after].map((value) => figureWords(value, unit)), changeMarkup(kpi)];
  });
  const right = (title: string) => ({ title, align: RIGHT, isMarkup: true });
  const columns = [{ title: 'figure', isMarkup: true }, right('median'), right('p95'), right('first half'), right('second half'), right('change')];
  const shares = [
    { name: 'created', words: 'completed', count: outcomes.good },
    { name: 'held', words: 'with rejections', count: outcomes.withRejections },
    { name: 'rejected', words: 'failed', count: outcomes.bad },
    { name: 'unchanged', words: 'cancelled, or still open', count: outcomes.other },
  ].filter(({ count }) => count > 0);
  const legend = shares.map(({ name, words, count }) => `<span class="entry">${swatch(name, `${formatCount(count)} ${words}`)}</span>`).join('');
  return section(
    'Figures',
    'Of runs that ended and did all that the sync says. Halves: medians of the runs of the first and the second half of the time since the first of them.',
    `${stackedBar(shares, 'How the runs ended')}\n<p class="legend">${legend}</p>\n${table('Figures of the runs', columns, rows)}`,
  );
}

function changeMarkup({ change, isMoreBetter }: Kpi): string {
  const words = changeWords(change);
  if (change === null || Math.abs(change) < NOTABLE) return words;
  return `<span class="${change > 0 === isMoreBetter ? 'good' : 'warning'}">${words}</span>`;
}

export function errorsSection({ errors, sync }: TrendDocument): string {
  if (errors.length === 0) return section('Errors by message', '', '<p class="none">Nothing of this sync is rejected or held now.</p>');
  const most = Math.max(1, ...errors.map(({ records }) => records));
  const rows = errors.map(({ records, reason, apiCode, field, message }) => [
    formatCount(records),
    bar(records / most, 'rejected'),
    `${field === undefined ? '' : `<b>${escapeText(field)}</b> `}${escapeText(message)}<br><span class="faint">${escapeText([reason, apiCode].filter((word) => word !== undefined).join(', '))}</span>`,
  ]);
  const columns = [
    { title: 'records', align: RIGHT },
    { title: '', isMarkup: true },
    { title: 'what was said', isMarkup: true, isWords: true },
  ];
  const note = `What is rejected or held of the sync as it stands now. Values of records are left out (…); they are in "syncline errors ${sync}".`;
  return section('Errors by message', note, table('Rejected and held, by cause', columns, rows));
}

export function runsSection({ runs }: TrendDocument, linkTo: (runId: string) => string | undefined): string {
  const shown = runs.toReversed().slice(0, MOST_ROWS);
  const right = (title: string) => ({ title, align: RIGHT });
  const columns = [
    { title: 'run', isMarkup: true, isTight: true },
    { title: 'began', isTight: true },
    { title: 'state', isMarkup: true, isTight: true },
    ...['took', 'taken', 'written', 'rejected', 'requests', 'again', 'request p95', 'lag'].map(right),
  ];
  const note = `The newest first${runs.length > MOST_ROWS ? `, ${formatCount(MOST_ROWS)} of ${formatCount(runs.length)}` : ''}. The page of one: "syncline report RUN".`;
  const rows = shown.map(runRow(linkTo));
  const older = rows.slice(OPEN_ROWS);
  const folded = older.length === 0 ? '' : `<details><summary>${plural(older.length, 'older run')}</summary>${table('Older runs', columns, older)}</details>`;
  return section('Runs', note, `${table('Runs, the newest first', columns, rows.slice(0, OPEN_ROWS))}${folded}`);
}

const runRow =
  (linkTo: (runId: string) => string | undefined) =>
  (run: TrendRun): readonly string[] => {
    const link = linkTo(run.id);
    const id = `<code>${escapeText(run.id)}</code>`;
    const tone = run.state === 'completed' ? 'good' : run.state === 'failed' || run.state === 'abandoned' || run.state === 'books-open' ? 'bad' : 'warning';
    return [
      link === undefined ? id : `<a href="${escapeText(link)}">${id}</a>`,
      formatTime(run.at).slice(0, -3),
      `<span class="${tone}">${escapeText(run.state.replaceAll('-', ' '))}</span>${run.isRegular || run.trigger === 'manual' ? '' : ` <span class="faint">${escapeText(run.trigger)}</span>`}`,
      formatDuration(run.durationMs),
      ...[run.taken, run.written, run.rejected, run.requests, run.retries].map(formatCount),
      run.latencyMs === null ? '–' : formatDuration(run.latencyMs.p95),
      run.lagMs === null ? '–' : formatDuration(run.lagMs),
    ];
  };
