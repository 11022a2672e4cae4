import type { Cli } from '../cli.ts';
import { plural } from '../output/text.ts';
import { formatDuration } from '../output/times.ts';
import type { Project } from '../project.ts';
import { renderMistakes } from '../reports/mistakes.ts';

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
export function tellDefinitions(cli: Cli, project: Project): void {
  const { mistakes } = project;
  if (mistakes.length === 0) tell(cli, 'Definitions', `${plural(project.syncNames.length, 'sync')}, no mistakes`);
  else cli.out.warn(`${cli.out.noteTheme.bad('✗')} ${plural(mistakes.length, 'mistake')} in the definitions\n${renderMistakes(mistakes, cli.out.noteTheme)}`);
}
