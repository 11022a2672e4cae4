import type { Mistake } from '../../definition/mistake.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { plural } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';

/** One line each: `syncs/contacts.yaml:14:5 mapping.email: unknown key "form" (did you mean "from"?)`. */
export function renderMistakes(mistakes: readonly Mistake[], theme: Theme, indent = 2): string {
  return mistakes
    .map(({ file, line, column, path, message, severity }) => {
      const place = line === 0 ? file : `${file}:${line}:${column}`;
      const words = `${path === '' ? '' : `${theme.strong(path)}: `}${message}`;
      return `${' '.repeat(indent)}${theme.link(place)} ${severity === 'warning' ? `${theme.warning('warning')} ` : ''}${words}`;
    })
    .join('\n');
}

export function errorsOf(mistakes: readonly Mistake[]): readonly Mistake[] {
  return mistakes.filter((mistake) => mistake.severity === 'error');
}

/** The failure of a command that needs right definitions. */
export function mistakesError(mistakes: readonly Mistake[], theme: Theme): CliError {
  const errors = errorsOf(mistakes);
  const isSecretsOnly = errors.length > 0 && errors.every((mistake) => mistake.kind === 'secret');
  return new CliError({
    exitCode: EXIT.definition,
    code: isSecretsOnly ? 'SECRET_MISSING' : 'DEFINITION_INVALID',
    message: isSecretsOnly
      ? `${plural(errors.length, 'secret')} ${errors.length === 1 ? 'is' : 'are'} not set.`
      : `${plural(errors.length, 'mistake')} in the definitions.`,
    details: renderMistakes(errors, theme, 0).split('\n'),
  });
}

/** Stops a command that needs right definitions. @throws CliError (exit 3) with all mistakes at once */
export function refuseMistakes(cli: Cli, mistakes: readonly Mistake[]): void {
  if (errorsOf(mistakes).length > 0) throw mistakesError(mistakes, cli.out.noteTheme);
}
