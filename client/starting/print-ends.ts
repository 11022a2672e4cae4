import { modeOf } from '../../definition/sync-mode.ts';
import { parseSyncScope } from '../../engine/ids.ts';
import type { SyncMode } from '../../engine/outcome.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { RunEnd } from '../../ledger/plan-store.ts';
import type { Cli } from '../cli.ts';
import { formatCount } from '../output/numbers.ts';
import { renderTable } from '../output/table.ts';
import { clean, plural } from '../output/text.ts';

type Words = Readonly<Record<string, string>>;

/** What a run of a plan found in the place of what the plan had seen. */
const OF_PLAN: Words = {
  done: 'done as planned',
  'moved-in-source': 'changed in the source since',
  'moved-in-target': 'changed in the target since',
  'not-met': 'no longer in the source, or back there',
  'not-sent': 'not sent any more',
  equal: 'the target has it already',
  unchanged: 'the target has it already',
  superseded: 'written newer by another run',
};

/** What a run found that only looked what the target has. */
export function adoptionWords(mode: SyncMode): Words {
  return {
    equal: 'in the target, and as the mapping has them: nothing will be sent',
    differs: `in the target, with other values: ${mode === 'insert' ? 'left as they are, by mode insert' : 'the next run changes them'}`,
    'not-in-target': `not in the target: ${mode === 'update' ? 'not created, by mode update' : 'the next run creates them'}`,
    held: 'in the target more than once: merge them there',
    rejected: 'refused by the mapping',
    'adopted-before': 'known already',
    unchanged: 'known already',
  };
}

/** For a run of a plan: what it did as planned, and what it left alone. @returns how many records are not as the plan has them */
export async function printPlanEnd(cli: Cli, run: Run): Promise<number> {
  const { out } = cli;
  const ends = await readEnds(cli, run, 'plan-end');
  const others = ends.filter(({ found }) => found !== 'done');
  if (others.length === 0) out.print(`\n${out.theme.good('✓')} ${plural(ends[0]?.count ?? 0, 'record')} as planned`);
  else out.print(`\n${out.theme.strong('Of the plan')}\n\n${renderEnds(cli, ends, OF_PLAN)}`);
  return others.filter(({ found }) => OF_PLAN[found] !== OF_PLAN['equal']).reduce((sum, { count }) => sum + count, 0);
}

/** For a run that only looked what the target has. */
export async function printAdopted(cli: Cli, run: Run): Promise<void> {
  const ends = await readEnds(cli, run, 'adopted');
  const target = (await cli.session.project()).find(parseSyncScope(run.scope).sync)?.sync.target;
  const words = adoptionWords(target === undefined ? 'upsert' : modeOf(target));
  cli.out.print(`\n${cli.out.theme.strong('Of the source')}\n\n${renderEnds(cli, ends, words)}`);
}

async function readEnds(cli: Cli, run: Run, event: string): Promise<readonly RunEnd[]> {
  const ends = await (await cli.session.ledger()).readEnds(run.id);
  cli.out.event({ event, run: run.id, ends });
  return ends;
}

function renderEnds({ out }: Cli, ends: readonly RunEnd[], words: Words): string {
  const rows = ends.map(({ found, count, sampleKeys }) => [
    formatCount(count),
    words[found] ?? found,
    `${sampleKeys.map(clean).join(', ')}${count > sampleKeys.length ? ', …' : ''}`,
  ]);
  return renderTable([{ title: 'records', align: 'right' }, { title: '' }, { title: 'keys' }], rows, out.theme);
}
