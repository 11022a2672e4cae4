import { formatCount } from '../output/numbers.ts';
import { plural } from '../output/text.ts';
import { formatDuration } from '../output/times.ts';
import { chart, section, table } from '../page/markup.ts';
import type { PageDocument } from './page-document.ts';
import { ANSWERS, SETTLED } from './page-slots.ts';

const RIGHT = 'right' as const;
const none = (text: string) => `<p class="none">${text}</p>`;
/** Beside `at`, which is exact to the slot. */
const clock = (ms: number) => (ms % 1_000 === 0 ? formatSeconds(ms / 1_000, 0) : formatSeconds(ms / 1_000, 1));

function formatSeconds(seconds: number, digits: number): string {
  return seconds < 120 ? `${seconds.toFixed(digits)} s` : formatDuration(seconds * 1_000);
}

export function throughputSection({ slots, stepMs, waits, untimed }: PageDocument): string {
  const used = SETTLED.filter((name) => slots.some(({ settled }) => settled[name] > 0));
  const busy = slots.filter(({ read, settled }) => read > 0 || used.some((name) => settled[name] > 0));
  const rows = busy.map(({ fromMs, read, settled }) => [clock(fromMs), formatCount(read), ...used.map((name) => formatCount(settled[name]))]);
  const columns = ['at', 'read', ...used].map((title) => ({ title, align: RIGHT }));
  const missing = untimed === 0 ? '' : ` ${plural(untimed, 'record')} that later runs have read again ${untimed === 1 ? 'is' : 'are'} not drawn.`;
  const stood =
    waits.length === 0
      ? none('It never stood still for a second or more.')
      : table(
          'Waits',
          [{ title: 'from', align: RIGHT }, { title: 'until', align: RIGHT }, { title: 'for', align: RIGHT }, { title: 'what is known of it' }],
          waits.map(({ fromMs, untilMs, reason }) => [clock(fromMs), clock(untilMs), formatDuration(untilMs - fromMs), reason]),
        );
  const drawn =
    busy.length === 0
      ? none('No times are kept of what this run read and settled.')
      : chart('throughput', 'Records a second over the time of the run', table(`Records in slots of ${formatDuration(stepMs)}`, columns, rows));
  return section(
    'Throughput',
    `Records a second, in slots of ${formatDuration(stepMs)}. Shaded: the run stood still.${missing}`,
    `${drawn}\n<h3>Waits</h3>\n${stood}`,
  );
}

export function latencySection({ slots, latencyMs }: PageDocument): string {
  if (latencyMs === null) return section('Latency', '', none('The run sent no write request that was answered.'));
  const { requests, p50, p95, p99, max } = latencyMs;
  const columns = ['requests', 'median', 'p95', 'p99', 'slowest'].map((title) => ({ title, align: RIGHT }));
  const figures = (of: NonNullable<PageDocument['latencyMs']>) => [formatCount(of.requests), ...[of.p50, of.p95, of.p99, of.max].map(formatDuration)];
  const rows = slots.flatMap(({ fromMs, latencyMs: own }) => (own === null ? [] : [[clock(fromMs), ...figures(own)]]));
  return section(
    'Latency',
    'Write requests, from sending to the answer. p95: 95 % of them took at most as long.',
    `${table('Latency of the whole run', columns, [figures({ requests, p50, p95, p99, max })])}
${chart('latency', 'Latency of write requests over the time of the run', table('Latency by slot', [{ title: 'at', align: RIGHT }, ...columns], rows))}`,
  );
}

const ANSWER_WORDS = { done: '2xx', throttled: '429', refused: 'other 4xx', failed: '5xx', unanswered: 'no answer' } as const;

export function quotaSection({ slots, limits, requests, totals }: PageDocument): string {
  const sent = slots.filter(({ requests: own }) => ANSWERS.some((name) => own[name] > 0));
  const used = ANSWERS.filter((name) => name === 'done' || sent.some(({ requests: own }) => own[name] > 0));
  const rows = sent.map(({ fromMs, requests: own }) => [clock(fromMs), ...used.map((name) => formatCount(own[name]))]);
  const columns = [{ title: 'at', align: RIGHT }, ...used.map((name) => ({ title: ANSWER_WORDS[name], align: RIGHT }))];
  const drawn =
    sent.length === 0
      ? none('The run sent no write request.')
      : chart('quota', 'Write requests a second beside what is allowed', table('Write requests by slot', columns, rows));
  const allowed =
    limits.length === 0
      ? none('No limit is declared for the connections of this sync.')
      : table(
          'Declared limits',
          [{ title: 'connection' }, { title: 'allowed' }, { title: 'busiest stretch', align: RIGHT }, { title: 'used while writing', align: RIGHT }],
          limits.map(({ connection, count, perMs, busiest, usedShare }) => [
            connection,
            `${formatCount(count)} in ${formatDuration(perMs)}`,
            busiest === undefined ? 'not kept' : formatCount(busiest),
            usedShare === undefined ? '' : `${Math.round(usedShare * 100)} %`,
          ]),
        );
  const note = `${plural(totals.requests, 'request')} in all: ${formatCount(requests.writes)} that write, drawn here, and ${formatCount(requests.others)} of reading and lookups, whose times are not kept. The busiest stretch is exact to the slot: one more than allowed lies on its edges.`;
  return section('Requests against the quota', note, `${drawn}\n${allowed}`);
}
