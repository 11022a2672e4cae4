import { formatSpeed } from '../following/live-view.ts';
import { expectedCount, phaseWords, type RunSnapshot, settledCount, standstillLines, workCounts } from '../following/run-snapshot.ts';
import { formatCount, formatPercent } from '../output/numbers.ts';
import { renderTable } from '../output/table.ts';
import { clean, plural } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';
import { formatDuration } from '../output/times.ts';
import { left, right, type Section } from './section.ts';
import type { TopFrame, TopRun } from './top-frame.ts';

/** Before the run that the keys are about. */
export const CHOSEN = '▸';

export function runSection({ runs, at }: TopFrame, theme: Theme, chosen: string | undefined): Section {
  if (runs.length === 0) return { title: 'Runs', lines: [theme.faint('  nothing runs')] };
  const columns = [left('sync'), left('doing'), right('settled'), right('of'), right('records/s'), right('requests/s'), right('for'), left('run')];
  const [head = '', ...rows] = renderTable(columns, runs.map(runRow(at, theme)), theme).split('\n');
  return {
    title: plural(runs.length, 'run'),
    lines: [
      `  ${head}`,
      ...runs.flatMap((run, index) => [
        `${run.run.id === chosen ? CHOSEN : ' '} ${rows[index] ?? ''}`,
        ...outcomeLine(run, theme),
        ...standstillLines(snapshotOf(run, at)).map((line) => theme.warning(`    ${clean(line)}`)),
      ]),
    ],
  };
}

const runRow =
  (at: number, theme: Theme) =>
  (top: TopRun): readonly string[] => {
    const { run, sync, recordsPerSecond, requestsPerSecond } = top;
    const all = expectedCount(run);
    const isStill = run.state === 'paused' || run.state === 'requested';
    const speed = (value: number | undefined) => (value === undefined || isStill ? theme.faint('–') : formatSpeed(value));
    const doing = phaseWords(snapshotOf(top, at));
    return [
      run.options.window === undefined ? sync : `${sync} from ${clean(run.options.window.from)}`,
      isStill ? theme.warning(doing) : theme.good(doing),
      formatCount(settledCount(run.totals)),
      all === undefined || all === 0 ? theme.faint('–') : `${formatCount(all)} ${pad(formatPercent(settledCount(run.totals), all))}`,
      speed(recordsPerSecond),
      speed(requestsPerSecond),
      formatDuration(Math.floor((at - (run.startedAt ?? run.requestedAt)) / 1_000) * 1_000),
      theme.faint(run.id),
    ];
  };

const pad = (percent: string) => percent.padStart(5);

function outcomeLine({ run }: TopRun, theme: Theme): readonly string[] {
  const counts = workCounts(run.totals).map(([name, count]) => {
    const text = `${formatCount(count)} ${name}`;
    return name === 'rejected' ? theme.bad(text) : name === 'held' ? theme.warning(text) : theme.faint(text);
  });
  const { retries, throttled } = run.totals;
  const costs = [...(retries > 0 ? [`${formatCount(retries)} requests retried`] : []), ...(throttled > 0 ? [`${formatCount(throttled)} answered 429`] : [])];
  const all = [...counts, ...costs.map(theme.faint)];
  return all.length === 0 ? [] : [`    ${all.join(theme.faint(' · '))}`];
}

function snapshotOf({ run, sync, recordsPerSecond, retry }: TopRun, now: number): RunSnapshot {
  return { run, sync, now, perSecond: recordsPerSecond, trouble: undefined, retry };
}
