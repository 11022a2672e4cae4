import { z } from 'zod';
import { defineCommand, wholeNumber } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { quoted } from '../output/text.ts';
import { savePlan } from '../planning/plan-file.ts';
import { planSync } from '../planning/plan-sync.ts';
import { renderPlan } from '../planning/render-plan.ts';
import { hidePlan } from '../reports/hide-sensitive.ts';

const SHOWN = 10;
/** As Terraform has it: the plan has changes. */
const HAS_CHANGES = 2;

export const planCommand = defineCommand({
  name: 'plan',
  group: 'Run',
  summary: 'What a run would do, field by field: reads both sides, writes nothing',
  arguments: [['<sync>', 'name of the sync']],
  options: [
    ['--full', 'read everything, whatever the cursor says'],
    ['--show <n>', `changes shown of each kind; default ${SHOWN}`],
    ['--out <file>', 'write the plan to a file for "syncline apply"; it holds record values, but sensitive ones'],
    ['--detailed-exitcode', 'exit with 2 where there is something to do, 0 where there is not'],
  ],
  examples: ['syncline plan contacts-to-hubspot', 'syncline plan contacts-to-hubspot --out contacts.plan'],
  input: z.object({
    sync: z.string(),
    full: z.boolean().default(false),
    show: wholeNumber(0, 1_000_000).default(SHOWN),
    out: z.string().optional(),
    detailedExitcode: z.boolean().default(false),
  }),
  run: async (cli, { sync, full, show, out, detailedExitcode }) => {
    await cli.session.sync(sync);
    const project = await cli.session.project();
    const plan = hidePlan(project.resolve(sync).definition.sync, await planSync(cli, sync, full));
    cli.out.document({ plan });
    cli.out.print(renderPlan(plan, { shown: show, hints: project.hintsFor(sync) }, cli.out));
    if (out !== undefined) {
      savePlan(cli, plan, out);
      cli.out.note(`\nSaved to ${out}. It holds record values: keep it as you keep those.`);
    }
    const changes = plan.counts.create + plan.counts.update + plan.counts.delete;
    if (changes > 0) cli.out.note(`\nDo it: ${cli.command(commandFor({ sync, full, out }))}`);
    return exitOf(changes, detailedExitcode);
  },
});

/** The command that does what a plan says. */
export function commandFor({ sync, full, out }: { readonly sync: string; readonly full: boolean; readonly out?: string | undefined }): string {
  if (out !== undefined) return `apply ${quoted(out)}`;
  return full ? `run ${sync} --full` : `run ${sync}`;
}

function exitOf(changes: number, isDetailed: boolean): ExitCode {
  return isDetailed && changes > 0 ? HAS_CHANGES : EXIT.done;
}
