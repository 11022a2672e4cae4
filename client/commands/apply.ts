import { z } from 'zod';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { plural, quoted } from '../output/text.ts';
import { formatAgo } from '../output/times.ts';
import { readPlan, type SavedPlan } from '../planning/plan-file.ts';
import { followToEnd } from '../starting/conclude-run.ts';
import { refuseLiveRun, startOwnRun } from '../starting/refuse-live-run.ts';
import { requireWorker } from '../temporal/live-run.ts';

/** Records of a plan written to the ledger at once. */
const CHUNK = 5_000;

export const applyCommand = defineCommand({
  name: 'apply',
  group: 'Run',
  summary: 'Do what a saved plan says, and nothing else; what has moved since is left alone',
  arguments: [['<file>', 'saved by "syncline plan <sync> --out <file>"']],
  options: [['--detach', 'start it and return at once']],
  examples: ['syncline apply contacts.plan'],
  input: z.object({ file: z.string(), detach: z.boolean().default(false) }),
  run: async (cli, { file, detach }) => {
    const plan = readPlan(cli, file);
    const { sync } = plan;
    const ref = await cli.session.sync(sync);
    await refuseOtherDefinition(cli, plan, file);
    if (plan.changes.length === 0) {
      cli.out.document({ sync, planned: 0 });
      cli.out.print(`${cli.out.theme.good('✓')} The plan has nothing to do in ${cli.out.theme.strong(sync)}.`);
      return EXIT.done;
    }
    await refuseLiveRun(cli, ref, 'apply the plan');
    await requireWorker(cli, ref, [ref.sync]);
    if (!(await cli.allowChange(`${words(plan)}, as planned ${formatAgo(plan.at, Date.now())}: apply to ${sync} on ${ref.profile}?`))) return EXIT.done;
    const ledger = await cli.session.ledger();
    const runId = await startOwnRun(cli, 'apply the plan', {
      ref,
      trigger: 'plan',
      options: { plan: plan.from === undefined ? {} : { from: plan.from } },
      definitionHash: plan.definitionHash,
      useWorkerVersion: false,
      audited: { action: 'plan.applied', details: { ...plan.counts } },
      details: `As planned: ${words(plan)}`,
      prepare: async (id) => {
        for (let at = 0; at < plan.changes.length; at += CHUNK) await ledger.addPlanned(id, plan.changes.slice(at, at + CHUNK));
      },
    });
    if (!detach) {
      if (!cli.out.isLive) cli.out.note(`Applying the plan of ${sync} as ${runId}`);
      return followToEnd(cli, ref, runId);
    }
    cli.out.document({ run: { id: runId, ...ref }, planned: plan.changes.length });
    cli.out.print(runId);
    return EXIT.done;
  },
});

function words({ counts, changes }: SavedPlan): string {
  const parts = [
    [counts.create, 'create'],
    [counts.update, 'update'],
    [counts.delete, changes.some(({ action }) => action === 'archive') ? 'archive' : 'delete'],
  ] as const;
  return parts.flatMap(([count, name]) => (count === 0 ? [] : [plural(count, name)])).join(', ');
}

/** A plan is of one version of the definition, in one project on one profile: its hash covers all three. */
async function refuseOtherDefinition(cli: Cli, { sync, definitionHash }: SavedPlan, file: string): Promise<void> {
  const project = await cli.session.project();
  if (project.resolve(sync).hash === definitionHash) return;
  const message = `${file} was made of another definition of ${sync} than that of ${project.name} on ${project.profile}: it has changed since, or this is another project or profile. Plan again: ${cli.command(`plan ${sync} --out ${quoted(file)}`)}`;
  throw new CliError({ exitCode: EXIT.definition, code: 'PLAN_STALE', message });
}
