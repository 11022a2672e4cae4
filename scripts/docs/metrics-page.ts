import { METRICS, type MetricDeclaration } from '../../worker/sight/metric-catalog.ts';

const INTRODUCTION = `# Metrics: reference

<!-- Generated from worker/sight/metric-catalog.ts by "npm run docs". -->

What a worker with \`SYNCLINE_METRICS\` counts and measures itself. At the same address are those of [Temporal's SDK](https://docs.temporal.io/references/sdk-metrics) (\`temporal_…\`) and of the process
(\`process_…\`, \`nodejs_…\`). [operating.md](operating.md#watching-it) says what to look at.

Labels are names of definitions and words from short lists: never a key, an address or a message. What begins with "Of the sync" is in the ledger, and every worker says the same: take the largest
(\`max by (sync)\`). All else is what this worker did: add it up. Durations are seconds, sizes bytes.`;

/** docs/metrics.md. */
export function metricsPage(): string {
  const declarations: readonly MetricDeclaration[] = Object.values(METRICS);
  const rows = declarations.map(({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`);
  return `${[INTRODUCTION, '', '| name | type | labels | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n')}\n`;
}
