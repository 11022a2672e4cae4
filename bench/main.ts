import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benches, type Figure } from './figures.ts';

/** `npm run bench [-- --quick] [--only NAME] [--json FILE]`: each figure a ratio or a count of one run, with its bound. Exits 1 where one is missed. */
const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, json: { type: 'string' } } });
const chosen = benches.filter((bench) => values.only === undefined || bench.name === values.only);
if (chosen.length === 0) {
  process.stderr.write(`  No bench is called ${values.only}: there are ${benches.map((bench) => bench.name).join(', ')}.\n`);
  process.exit(2);
}
const scale = values.quick ? { isQuick: true, records: 20_000 } : { isQuick: false, records: 100_000 };
const [cpu] = cpus();
process.stdout.write(
  `\n  ${scale.records.toLocaleString('en-US')} records, pages and batches of 100, 8 in flight; Node ${process.version}, ${cpus().length} × ${cpu?.model ?? 'unknown'}\n\n`,
);
const startedAt = Date.now();
const figures: Figure[] = [];
for (const bench of chosen) {
  for (const figure of await bench.measure(scale)) {
    figures.push(figure);
    process.stdout.write(`  ${figure.isMet ? '✓' : '✗'} ${figure.what.padEnd(46)} ${figure.bound.padEnd(14)} ${figure.measured}\n`);
  }
}
const missed = figures.filter((figure) => !figure.isMet).length;
process.stdout.write(`\n  ${figures.length - missed} of ${figures.length} within their bounds, in ${Math.round((Date.now() - startedAt) / 1_000)} s\n`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ node: process.version, cpu: cpu?.model, figures }, undefined, 2)}\n`);
process.exit(missed === 0 ? 0 : 1);
