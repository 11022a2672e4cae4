import type { ShapeFinding } from '../../engine/compare-shapes.ts';
import { wordsOfFinding } from '../../engine/shape-words.ts';
import type { Run } from '../../ledger/ledger.ts';
import { isOpen, workCounts } from '../following/run-snapshot.ts';
import { formatCount } from '../output/numbers.ts';
import { plural } from '../output/text.ts';
import { formatClock, formatDuration } from '../output/times.ts';
import type { LogEvent } from './log-event.ts';

/** When a run began and ended, and why it waits now. @param drift what it met at the source that had changed */
export function runEvents(run: Run, drift: readonly ShapeFinding[], now: number): readonly LogEvent[] {
  const { id: runId, endedAt } = run;
  const began = run.startedAt ?? run.requestedAt;
  const begun: LogEvent = {
    id: `begun ${runId}`,
    at: began,
    event: 'begun',
    runId,
    text: beginWords(run),
    details: { trigger: run.trigger, window: { ...run.window } },
  };
  const changes = drift.map(
    (finding): LogEvent => ({
      id: `source-changed ${runId} ${finding.field}`,
      at: endedAt ?? began,
      event: 'source-changed',
      runId,
      text: `at the source, ${wordsOfFinding(finding)}`,
      tone: 'warning',
      details: { field: finding.field },
    }),
  );
  return [begun, ...changes, ...(endedAt === undefined ? [] : [ended(run, began, endedAt)]), ...waiting(run, now)];
}

function beginWords({ trigger, options, window }: Run): string {
  const what = [
    options.keys === undefined ? '' : `only ${plural(options.keys.length, 'record')}`,
    options.limit === undefined ? '' : `the first ${plural(options.limit, 'record')}`,
    options.retry === true ? 'what was rejected' : '',
    options.full === true ? 'everything, whatever the watermark' : '',
    window.from === undefined ? '' : `from ${window.from}`,
    window.to === undefined ? '' : `to ${window.to}`,
  ].filter((words) => words !== '');
  return `the run begins, by ${trigger}${what.length === 0 ? '' : `: ${what.join(' ')}`}`;
}

function ended({ id: runId, state, totals, failure }: Run, began: number, endedAt: number): LogEvent {
  const counts = [`${formatCount(totals.read)} read`, ...workCounts(totals).map(([name, count]) => `${formatCount(count)} ${name}`)];
  const costs = [plural(totals.requests, 'request'), ...some(totals.retries, 'repeated'), ...some(totals.throttled, 'answered 429')];
  const why = failure === undefined ? '' : `. ${failure.code}: ${failure.message}`;
  return {
    id: `ended ${runId}`,
    at: endedAt,
    event: 'ended',
    runId,
    text: `${state.replaceAll('-', ' ')} after ${formatDuration(endedAt - began)}: ${counts.join(', ')}; ${costs.join(', ')}${why}`,
    tone: state === 'completed' ? 'good' : state === 'completed-with-rejections' || state === 'cancelled' ? 'warning' : 'bad',
    details: { state, totals: { ...totals }, ...(failure === undefined ? {} : { failure: { ...failure } }) },
  };
}

const some = (count: number, words: string) => (count === 0 ? [] : [`${formatCount(count)} ${words}`]);

function waiting({ id: runId, state, waits }: Run, now: number): readonly LogEvent[] {
  if (!isOpen(state)) return [];
  return waits
    .filter(({ untilMs }) => untilMs > now)
    .map(({ side, reason, untilMs }) => ({
      id: `waiting ${runId} ${side} ${reason} ${untilMs}`,
      at: now,
      event: 'waiting',
      runId,
      text: `${side} waits ${formatDuration(Math.ceil((untilMs - now) / 1_000) * 1_000)}, until ${formatClock(untilMs).slice(0, 8)}: ${reason}`,
      tone: 'warning',
      details: { side, reason, until: new Date(untilMs).toISOString() },
    }));
}
