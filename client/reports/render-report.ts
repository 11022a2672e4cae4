import { rejectedPercent } from '../../engine/books.ts';
import { isOpen, outcomeCounts, settledCount } from '../following/run-snapshot.ts';
import { formatCount, formatPercent, formatRate } from '../output/numbers.ts';
import type { Output } from '../output/output.ts';
import { renderFields } from '../output/table.ts';
import { clean, pad, plural, wrap } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';
import { formatDuration } from '../output/times.ts';
import { driftLines, sweepLines } from './findings.ts';
import { renderGroups } from './rejection-groups.ts';
import { restOfRun } from './rest-of-run.ts';
import type { RunReport } from './run-report.ts';
import { stateLabel } from './run-state.ts';
import { otherShapeLines, shapeDriftLines } from './shape-lines.ts';

const TOP = 5;

type Page = Pick<Output, 'theme' | 'width'>;

/** A run's report for people: state, outcomes, cost, books, what was refused and why. */
export function renderReport(report: RunReport, { theme, width }: Page): string {
  const { run, sync, durationMs } = report;
  const took = isOpen(run.state) ? `for ${formatDuration(durationMs)}` : `in ${formatDuration(durationMs)}`;
  const head = `${stateLabel(run, theme)}  ${theme.strong(sync)} ${took}  ${theme.faint(run.id)}`;
  const failure =
    run.failure === undefined
      ? []
      : ['', ...wrap(clean(run.failure.message), width - 2).map((line) => `  ${theme.bad(line)}`), `  ${theme.faint(run.failure.code)}`];
  // Where nothing was taken, a table of noughts would hide the reason.
  const isEmpty = run.failure !== undefined && report.books.taken === 0;
  const parts = [head, ...failure, ...(isEmpty ? [] : ['', renderOutcomes(report, theme)])];
  const shown = facts(report, theme).filter(([name]) => !isEmpty || name === 'Web UI');
  if (shown.length > 0) parts.push('', renderFields(shown, theme));
  // A run that was stopped for it has told of it above.
  const shapeDrift = run.failure?.code === 'SCHEMA_DRIFT' ? [] : shapeDriftLines(report.shape);
  for (const line of [...shapeDrift, ...sweepLines(run, report.takeAway), ...driftLines(report.drift)])
    parts.push('', ...wrap(clean(line), width - 2).map((part) => `  ${theme.warning(part)}`));
  const others = otherShapeLines(report.shape).flatMap((line) => wrap(clean(line), width - 2));
  if (others.length > 0) parts.push('', ...others.map((line) => `  ${theme.faint(line)}`));
  if (report.rejections.length > 0 && !isEmpty) parts.push('', renderRejections(report, { theme, width }));
  return parts.join('\n');
}

function renderOutcomes(report: RunReport, theme: Theme): string {
  const { run, takeAway } = report;
  const { totals } = run;
  const lines: (readonly [string, number, string])[] = [['read', totals.read, expectedNote(totals.read, totals.expected)]];
  if (totals.retriedFromEarlier > 0)
    lines.push(['tried again', totals.retriedFromEarlier, run.options.references === true ? 'as what they refer to is there' : 'rejected by earlier runs']);
  const outcomes = new Map(outcomeCounts(totals));
  for (const name of ['created', 'updated', 'unchanged', 'rejected']) if (!outcomes.has(name)) outcomes.set(name, 0);
  for (const name of ['created', 'updated', 'written', 'unchanged', 'superseded', 'skipped', 'rejected', 'held']) {
    const count = outcomes.get(name);
    if (count !== undefined) lines.push([name, count, name === 'rejected' && count > 0 ? rejectedNote(report) : '']);
  }
  if (totals.deletesDue > 0) lines.push([takeAway.done, totals.deleted, 'gone from the source']);
  if (totals.deletesHeld > 0) lines.push(['kept', totals.deletesHeld, `not ${takeAway.done}`]);
  const width = Math.max(...lines.map(([, count]) => formatCount(count).length));
  return lines
    .map(
      ([name, count, note]) =>
        `  ${pad(name, 11)}  ${paintCount(name, pad(formatCount(count), width, 'right'), count, theme)}${note === '' ? '' : theme.faint(`  ${note}`)}`,
    )
    .join('\n');
}

/** Above the limit it is what the exit code says, so also why. */
function rejectedNote({ run, books, maxRejectedPercent }: RunReport): string {
  const percent = rejectedPercent(run.totals);
  if (percent <= maxRejectedPercent) return formatPercent(run.totals.rejected, books.taken);
  return `${Number(percent.toFixed(1))} %, more than the ${maxRejectedPercent} % of guard.maxRejectedPercent`;
}

function expectedNote(read: number, expected: number | undefined): string {
  return expected === undefined || expected === read ? '' : `of ${formatCount(expected)} that the source counts`;
}

function paintCount(name: string, text: string, count: number, theme: Theme): string {
  if (count === 0) return theme.faint(text);
  if (name === 'rejected') return theme.bad(text);
  if (name === 'held') return theme.warning(text);
  return name === 'created' || name === 'updated' || name === 'written' ? theme.good(text) : text;
}

function facts({ run, books, durationMs, url }: RunReport, theme: Theme): readonly (readonly [string, string])[] {
  const { totals } = run;
  const requests = `${formatCount(totals.requests)}, ${formatCount(totals.retries)} retried, ${totals.throttled === 0 ? 'none' : formatCount(totals.throttled)} answered 429`;
  const speed = `${formatRate(settledCount(totals), durationMs).replace('/s', ' records/s')}`;
  return [
    ['requests   ', requests],
    ['speed', speed],
    ...(isOpen(run.state) ? [] : [['books', booksLine(run, books, theme)] as const]),
    ...(url === undefined ? [] : [['Web UI', theme.link(url)] as const]),
  ];
}

function booksLine(run: RunReport['run'], books: RunReport['books'], theme: Theme): string {
  // A run that was stopped has read more than it could finish: that is no defect.
  if (run.state !== 'books-open' && books.difference > 0)
    return `${plural(books.difference, 'record')} read and not sent any more; ${restOfRun(run).by} takes ${books.difference === 1 ? 'it' : 'them'}`;
  if (books.closes) return `${theme.good('closed')}: ${plural(books.taken, 'record')} taken, each with its outcome`;
  const missing = books.difference > 0 ? `${plural(books.difference, 'record')} without an outcome` : `${plural(-books.difference, 'outcome')} too many`;
  return `${theme.bad('open')}: ${formatCount(books.taken)} taken, ${formatCount(books.sum)} outcomes, ${missing}`;
}

function renderRejections(report: RunReport, { theme, width }: Page): string {
  const more = report.rejections.length - TOP;
  const groups = renderGroups(report.rejections.slice(0, TOP), { theme, width, indent: 2 });
  const { rejected, held } = report.run.totals;
  const title = held === 0 ? 'Rejected' : rejected === 0 ? 'Held' : 'Rejected and held';
  const isOwn = report.rejections.reduce((sum, { count }) => sum + count, 0) === rejected + held;
  return `${theme.strong(title)}${isOwn ? '' : ` now, by all runs of ${report.sync}`}\n\n${groups}${more > 0 ? `\n\n  ${theme.faint(`and ${plural(more, 'reason')} more`)}` : ''}`;
}
