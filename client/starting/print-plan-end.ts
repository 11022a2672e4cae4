import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { renderTable } from '../output/table.ts';
import { clean, plural } from '../output/text.ts';

/** What the run found in the place of what the plan had seen. */
const FOUND: Readonly<Record<string, string>> = {
  'moved-in-source': 'changed in the source since',
  'moved-in-target': 'changed in the target since',
  'not-met': 'no longer in the source, or back there',
  'not-sent': 'not sent any more',
  unchanged: 'the target has it already',
  rejected: 'refused',
  held: 'held',
  superseded: 'written newer by another run',
};

/** For a run of a plan: what it did as planned, and what it left alone. @returns how many records are not as the plan has them */
export async function printPlanEnd(cli: Cli, run: Run): Promise<number> {
  const { out } = cli;
  const { done, others } = await (await cli.session.ledger()).readPlanEnd(run.id);
  out.event({ event: 'plan-end', run: run.id, done, others });
  const left = others.filter(({ found }) => found !== 'unchanged').reduce((sum, { count }) => sum + count, 0);
  if (others.length === 0) {
    out.print(`\n${out.theme.good('✓')} ${plural(done, 'record')} as planned`);
    return 0;
  }
  out.print(`\n${out.theme.strong('Of the plan')}\n`);
  const rows = others.map(({ found, count, sampleKeys }) => [
    String(count),
    FOUND[found] ?? found,
    `${sampleKeys.map(clean).join(', ')}${count > sampleKeys.length ? ', …' : ''}`,
  ]);
  out.print(renderTable([{ title: 'records', align: 'right' }, { title: '' }, { title: 'keys' }], [[String(done), 'done as planned', ''], ...rows], out.theme));
  return left;
}
