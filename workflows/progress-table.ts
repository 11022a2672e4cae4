import type { RunTotals } from '../engine/outcome.ts';
import type { RunPhase } from '../engine/run.ts';

export interface ProgressView {
  readonly phase: RunPhase;
  readonly paused: boolean;
  readonly segment: number;
  readonly totals: RunTotals;
  /** What a person is asked. */
  readonly question?: string;
}

/** The run's details in the Web UI, as Markdown: counts only. */
export function progressTable(view: ProgressView): string {
  const { totals } = view;
  const phase = view.paused ? 'paused' : view.phase;
  const expected = totals.expected === undefined ? '' : ` of ${totals.expected}`;
  return [
    view.question === undefined ? `**${phase}**, segment ${view.segment}` : `**waiting for a person**: ${view.question}`,
    '',
    '| read | created | updated | unchanged | skipped | rejected | held |',
    '| ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    `| ${totals.read}${expected} | ${totals.created} | ${totals.updated} | ${totals.unchanged} | ${totals.skipped} | ${totals.rejected} | ${totals.held} |`,
    '',
    `${totals.requests} requests, ${totals.retries} retried, ${totals.throttled} answered 429`,
  ].join('\n');
}
