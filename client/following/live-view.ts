import { formatCount, formatPercent } from '../output/numbers.ts';
import type { Output } from '../output/output.ts';
import { progressBar } from '../output/progress-bar.ts';
import { clean, cut, textWidth } from '../output/text.ts';
import { formatDuration } from '../output/times.ts';
import { expectedCount, phaseWords, type RunSnapshot, settledCount, standstillLines, workCounts } from './run-snapshot.ts';

/** The lines of the live view, none wider than the terminal. */
export function renderLive(snapshot: RunSnapshot, output: Pick<Output, 'noteTheme' | 'width'>, spinner: string): readonly string[] {
  const { noteTheme: theme, width } = output;
  const { run, now } = snapshot;
  const elapsed = formatDuration(Math.floor((now - (run.startedAt ?? run.requestedAt)) / 1000) * 1000);
  const mark = run.state === 'paused' || snapshot.trouble !== undefined ? theme.warning('⏸') : theme.good(spinner);
  const head = `${mark} ${theme.strong(snapshot.sync)}  ${phaseWords(snapshot)}  ${theme.faint(`${run.id}  ${elapsed}`)}`;
  const counts = workCounts(run.totals).map(([name, count]) => colorOutcome(name, `${formatCount(count)} ${name}`, theme));
  const waits = standstillLines(snapshot).map((line) => theme.warning(cut(clean(line), width - 2)));
  const lines = [head, `  ${progressLine(snapshot, output)}`];
  if (counts.length > 0) lines.push(`  ${counts.join(theme.faint(' · '))}`);
  return [...lines, ...waits.map((line) => `  ${line}`)].filter((line) => textWidth(line) <= width || line === head);
}

function progressLine(snapshot: RunSnapshot, { noteTheme: theme, width }: Pick<Output, 'noteTheme' | 'width'>): string {
  const { run } = snapshot;
  // The speed of what stands still is no promise.
  const perSecond = run.state === 'paused' || snapshot.trouble !== undefined ? undefined : snapshot.perSecond;
  const done = settledCount(run.totals);
  const all = expectedCount(run);
  const speed = perSecond === undefined ? '' : `  ${formatSpeed(perSecond)}`;
  if (all === undefined || all === 0) return `${formatCount(done)} records${theme.faint(`, ${formatCount(run.totals.read)} read`)}${speed}`;
  const text = `${formatCount(done)} of ${formatCount(all)}  ${formatPercent(done, all)}${speed}${remaining(all - done, perSecond)}`;
  const barWidth = Math.min(30, width - text.length - 6);
  return barWidth < 8 ? text : `${progressBar(done / all, barWidth, theme)}  ${text}`;
}

/** `119/s`, `0.4/s`. */
export function formatSpeed(perSecond: number): string {
  return `${perSecond > 0 && perSecond < 10 ? perSecond.toFixed(1) : formatCount(perSecond)}/s`;
}

function remaining(count: number, perSecond: number | undefined): string {
  if (perSecond === undefined || perSecond <= 0 || count <= 0) return '';
  return `  about ${formatDuration(Math.ceil(count / perSecond) * 1000)} left`;
}

function colorOutcome(name: string, text: string, theme: Output['theme']): string {
  if (name === 'rejected') return theme.bad(text);
  if (name === 'held') return theme.warning(text);
  return name === 'created' || name === 'updated' || name === 'written' ? theme.good(text) : text;
}
