import type { GraphProgress } from './contract.ts';

/** The graph's details in the Web UI, as Markdown: names and states only. */
export function graphTable({ phase, syncs }: GraphProgress): string {
  return [
    `**${phase === 'references' ? 'setting references' : phase}**`,
    '',
    '| sync | state | run | |',
    '| --- | --- | --- | --- |',
    ...syncs.map(
      ({ sync, state, runId, because }) => `| ${sync} | ${state === 'in-use' ? 'waits for another run of it' : state} | ${runId ?? ''} | ${because ?? ''} |`,
    ),
  ].join('\n');
}
