import { LISTENER_METRICS } from '../../listener/counts.ts';
import { METRICS, type MetricDeclaration } from '../../worker/sight/metric-catalog.ts';

const INTRODUCTION = `# Metrics: reference

<!-- Generated from worker/sight/metric-catalog.ts and listener/counts.ts by "npm run docs". -->

What a worker with \`SYNCLINE_METRICS\` counts and measures itself. At the same address are those of [Temporal's SDK](https://docs.temporal.io/references/sdk-metrics) (\`temporal_…\`) and of the process
(\`process_…\`, \`nodejs_…\`). [operating.md](operating.md#watching-it) says what to look at.

Labels are names of definitions and words from short lists: never a key, an address or a message. What begins with "Of the sync" is in the ledger, and every worker says the same: take the largest
(\`max by (sync)\`). All else is what this worker did: add it up. Durations are seconds, sizes bytes.`;

/** docs/metrics.md. */
export function metricsPage(): string {
  const ofListener = [
    '## Of a listener',
    '',
    'What `syncline listen` counts, served with `SYNCLINE_LISTEN_METRICS`.',
    '',
    ...table(Object.values(LISTENER_METRICS)),
  ];
  return `${[INTRODUCTION, '', ...table(Object.values(METRICS)), '', ...ofListener].join('\n')}\n`;
}

function table(declarations: readonly MetricDeclaration[]): readonly string[] {
  const rows = declarations.map(({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`);
  return ['| name | type | labels | meaning |', '| --- | --- | --- | --- |', ...rows];
}
