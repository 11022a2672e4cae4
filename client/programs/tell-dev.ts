import type { Cli } from '../cli.ts';
import { plural } from '../output/text.ts';
import { formatDuration } from '../output/times.ts';
import type { Project } from '../project.ts';
import { errorsOf, renderMistakes } from '../reports/mistakes.ts';

/** One line of what has come up. */
export function tell(cli: Cli, what: string, detail: string): void {
  cli.out.note(`${cli.out.noteTheme.good('✓')} ${what.padEnd(12)} ${detail}`);
}

/** A program that is kept running ended. @param pauseMs until another is started; undefined: not before a file changes */
export function tellEnd(cli: Cli, name: string, reason: string, pauseMs: number | undefined): void {
  const next = pauseMs === undefined ? 'It starts again when a file changes.' : `Another starts in ${formatDuration(pauseMs)}.`;
  cli.out.warn(`${cli.out.noteTheme.bad('✗')} The ${name} ended: ${reason}. ${next}`);
}

/** How the definitions are. */
export function tellDefinitions(cli: Cli, { mistakes, syncNames }: Pick<Project, 'mistakes' | 'syncNames'>): void {
  const errors = errorsOf(mistakes).length;
  const warnings = mistakes.length - errors;
  if (errors > 0) cli.out.warn(`${cli.out.noteTheme.bad('✗')} ${plural(errors, 'mistake')} in the definitions`);
  else tell(cli, 'Definitions', `${plural(syncNames.length, 'sync')}, no mistakes${warnings === 0 ? '' : `, ${plural(warnings, 'warning')}`}`);
  if (mistakes.length > 0) cli.out.warn(renderMistakes(mistakes, cli.out.noteTheme));
}
