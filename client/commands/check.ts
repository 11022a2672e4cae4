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
  options: [['--live', 'also try the credentials, read one page of each source, and compare with the fields that the systems have']],
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
  const { results, mistakes } = await checkLive(cli, project);
  const isValid = errorsOf(mistakes).length === 0;
  const live = results.map(({ exitCode: _, facts: _facts, ...result }) => result);
  cli.out.document({ ...summary(project), mistakes: [...project.mistakes, ...mistakes], isValid, live });
  if (mistakes.length > 0) printFound(cli, mistakes);
  const failed = results.find((result) => result.exitCode !== EXIT.done)?.exitCode;
  return failed ?? (isValid ? EXIT.done : EXIT.definition);
}

/** What only the systems themselves could tell. */
function printFound(cli: Cli, mistakes: readonly Mistake[]): void {
  const { theme } = cli.out;
  const errors = errorsOf(mistakes).length;
  const warnings = mistakes.length - errors;
  const counts = [...(errors === 0 ? [] : [plural(errors, 'mistake')]), ...(warnings === 0 ? [] : [plural(warnings, 'warning')])].join(', ');
  cli.out.print(`\n${errors === 0 ? theme.warning('!') : theme.bad('✗')} ${counts} by what the systems tell of their fields\n`);
  cli.out.print(renderMistakes(mistakes, theme));
}
