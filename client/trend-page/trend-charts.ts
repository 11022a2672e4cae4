import { formatCount } from '../output/numbers.ts';
import { formatTime } from '../output/times.ts';
import { chart, section, table } from '../page/markup.ts';
import { figureWords } from './figure-words.ts';
import type { Unit } from './kpis.ts';
import type { TrendDocument } from './read-trend.ts';
import type { TrendRun } from './trend-runs.ts';

type Figure = readonly [title: string, unit: Unit, of: (run: TrendRun) => number | null];

/** Charts of which each point is a run. The script has the same ids. */
const CHARTS: readonly (readonly [id: string, title: string, note: string, figures: readonly Figure[]])[] = [
  ['times', 'Run time', 'From the first step to the last.', [['run time', 'ms', ({ durationMs }) => durationMs]]],
  [
    'lag',
    'Lag behind the source',
    'When a run ended: how old a change could be that the target did not have, one that came right after the last good run had begun to read.',
    [['lag', 'ms', ({ lagMs }) => lagMs]],
  ],
  [
    'throughput',
    'Throughput',
    'Records that had their outcome, a second of the run.',
    [['records a second', 'per-second', ({ recordsPerSecond }) => recordsPerSecond]],
  ],
  [
    'latency',
    'Latency of requests',
    'Write requests of a run, from sending to the answer.',
    [
      ['median', 'ms', ({ latencyMs }) => latencyMs?.p50 ?? null],
      ['p95', 'ms', ({ latencyMs }) => latencyMs?.p95 ?? null],
    ],
  ],
  [
    'errors',
    'Error rate',
    'Records rejected or held, of those that a run took; write requests refused or not answered, of those that it sent.',
    [
      ['records', 'share', ({ errorShare }) => errorShare],
      ['requests', 'share', ({ failedShare }) => failedShare],
    ],
  ],
  [
    'payload',
    'Payload size',
    'Bytes of a page as it was read, on the average of a run.',
    [
      ['bytes of a page', 'bytes', ({ bytesOfPage }) => bytesOfPage],
      ['bytes read', 'bytes', ({ bytesRead }) => bytesRead],
    ],
  ],
];

export function chartSections(document: TrendDocument): readonly string[] {
  const runs = document.runs.filter(({ isRegular }) => isRegular);
  const charts = [...CHARTS.map(([id, title, note, figures]) => section(title, note, drawn(id, title, runs, figures))), quotaSection(document)];
  return [`<div class="grid">${charts.join('\n')}</div>`];
}

function drawn(id: string, title: string, runs: readonly TrendRun[], figures: readonly Figure[]): string {
  const known = runs.filter((run) => figures.some(([, , of]) => of(run) !== null));
  if (known.length === 0) return '<p class="none">No run of this time has it.</p>';
  const rows = known.map((run) => [formatTime(run.at), run.id, ...figures.map(([, unit, of]) => figureWords(of(run), unit))]);
  const columns = [{ title: 'began' }, { title: 'run' }, ...figures.map(([name]) => ({ title: name, align: 'right' as const }))];
  return chart(id, `${title} of the runs`, table(title, columns, rows));
}

function quotaSection({ days, quotas }: TrendDocument): string {
  const rows = days.map(({ at, runs, requests, retries, throttled }) => [
    new Date(at).toISOString().slice(0, 10),
    ...[runs, requests, retries, throttled].map(formatCount),
  ]);
  const right = (title: string) => ({ title, align: 'right' as const });
  const columns = [{ title: 'day (UTC)' }, ...['runs', 'requests', 'sent again', 'answered 429'].map(right)];
  const declared =
    quotas.length === 0
      ? 'No quota of an hour or more is declared for its connections.'
      : `Allowed a day: ${quotas.map(({ connection, perDay }) => `${formatCount(perDay)} by ${connection}`).join(', ')}, shared with whatever else uses the account.`;
  return section(
    'Requests against the quota',
    `Requests a day of this sync, to both sides. ${declared}`,
    chart('requests', 'Requests a day beside the quota', table('Requests by day', columns, rows)),
  );
}
