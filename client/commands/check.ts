import { z } from 'zod';
import type { Mistake } from '../../definition/mistake.ts';
import type { Cli } from '../cli.ts';
import { defineCommand } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { plural } from '../output/text.ts';
import type { Project } from '../project.ts';
import { checkLive } from '../reports/check-live.ts';
import { errorsOf, renderMistakes } from '../reports/mistakes.ts';

export const checkCommand = defineCommand({
  name: 'check',
  group: 'Define',
  summary: 'Every mistake in the definitions at once; --live also tries the APIs',
  options: [['--live', 'also try the credentials, and read one page of each source']],
  input: z.object({ live: z.boolean().default(false) }),
  run: async (cli, { live }) => {
    const project = await cli.session.project();
    const errors = errorsOf(project.mistakes);
    if (errors.length > 0) {
      cli.out.document({ ...summary(project), isValid: false });
      printMistakes(cli, project.mistakes);
      return EXIT.definition;
    }
    if (!live) {
      cli.out.document({ ...summary(project), isValid: true });
      printGood(cli, project);
      return EXIT.done;
    }
    printGood(cli, project);
    return tryLive(cli, project);
  },
});

function summary(project: Project) {
  return { project: project.name, profile: project.profile, syncs: project.syncNames, mistakes: project.mistakes };
}

function printMistakes(cli: Cli, mistakes: readonly Mistake[]): void {
  const { theme } = cli.out;
  const count = errorsOf(mistakes).length;
  cli.out.print(`${theme.bad('✗')} ${plural(count, 'mistake')}\n`);
  cli.out.print(renderMistakes(mistakes, theme));
}

function printGood(cli: Cli, project: Project): void {
  const { theme } = cli.out;
  const warnings = project.mistakes.length;
  cli.out.print(
    `${theme.good('✓')} ${project.name} on ${project.profile}: ${plural(project.syncNames.length, 'sync')}, no mistakes${warnings === 0 ? '' : `, ${plural(warnings, 'warning')}`}`,
  );
  if (warnings > 0) cli.out.print(`\n${renderMistakes(project.mistakes, theme)}`);
}

async function tryLive(cli: Cli, project: Project): Promise<ExitCode> {
  const results = await checkLive(cli, project);
  cli.out.document({ ...summary(project), isValid: true, live: results.map(({ exitCode: _, ...result }) => result) });
  return results.find((result) => result.exitCode !== EXIT.done)?.exitCode ?? EXIT.done;
}
