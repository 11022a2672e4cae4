import picocolors from 'picocolors';

type Paint = (text: string) => string;

/** The few styles the command line uses, by meaning. Without colour each returns its text. */
export interface Theme {
  readonly strong: Paint;
  readonly faint: Paint;
  readonly good: Paint;
  readonly warning: Paint;
  readonly bad: Paint;
  readonly link: Paint;
}

export function createTheme(hasColor: boolean): Theme {
  const colors = picocolors.createColors(hasColor);
  return { strong: colors.bold, faint: colors.dim, good: colors.green, warning: colors.yellow, bad: colors.red, link: colors.cyan };
}

/** Colour for a stream: a terminal, unless `--no-color`, NO_COLOR or a dumb terminal; FORCE_COLOR wins over the stream, not over the flag. */
export function wantsColor(options: { readonly isTerminal: boolean; readonly isRefused: boolean; readonly env: NodeJS.ProcessEnv }): boolean {
  const { env } = options;
  if (options.isRefused || (env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0';
  return options.isTerminal && env['TERM'] !== 'dumb';
}
