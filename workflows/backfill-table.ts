import type { BackfillProgress } from './contract.ts';

/** The backfill's details in the Web UI, as Markdown: times, ids and counts only. */
export function backfillTable({ phase, paused, windows, done, failedCount, failed, running, range, totals }: BackfillProgress): string {
  const state = phase === 'running' && paused ? 'paused' : phase;
  return [
    `**${state}** · ${done} of ${windows} windows read${failedCount === 0 ? '' : `, ${failedCount} failed`} · ${range.from} to ${range.to}`,
    '',
    `${totals.read} records read, ${totals.written} written, ${totals.unchanged} unchanged, ${totals.rejected} rejected`,
    '',
    '| window | run | |',
    '| --- | --- | --- |',
    ...running.map(({ from, to, runId }) => `| ${from} to ${to} | ${runId} | is being read |`),
    ...failed.map(({ from, to, runId, because }) => `| ${from} to ${to} | ${runId} | ${because} |`),
  ].join('\n');
}
