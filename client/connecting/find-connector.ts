import { loadProject } from '../../definition/load-project.ts';
import type { Mistake } from '../../definition/mistake.ts';
import type { Connector } from '../../definition/schema/connector.ts';
import { didYouMean } from '../../engine/suggest.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { errorsOf } from '../reports/mistakes.ts';

export interface FoundConnector {
  readonly connector: Connector;
  /** Of its own file. */
  readonly mistakes: readonly Mistake[];
}

/** A connector by its name: the project's own, or one that ships; for those no project is needed. @throws CliError (exit 2) where there is none */
export function findConnector(cli: Cli, name: string): FoundConnector {
  const { files, mistakes } = loadProject(directoryOf(cli), { env: cli.env, withAllConnectors: true });
  const found = files.connectors.get(name);
  if (found !== undefined) return { connector: found.value, mistakes: errorsOf(mistakes).filter(({ file }) => file === found.file.file) };
  const known = [...files.connectors.keys()].toSorted();
  const broken = errorsOf(mistakes).find(({ file }) => file.startsWith(`connectors/${name}.`));
  throw new CliError({
    exitCode: broken === undefined ? EXIT.usage : EXIT.definition,
    code: broken === undefined ? 'USAGE' : 'DEFINITION_INVALID',
    message:
      broken === undefined
        ? `There is no connector "${name}"${didYouMean(name, known)}. There are: ${known.join(', ')}.`
        : `${broken.file}:${broken.line} ${broken.message}.`,
  });
}

/** Without a project, that is the folder itself. */
function directoryOf(cli: Cli): string {
  try {
    return cli.session.directory;
  } catch (error) {
    if (error instanceof CliError && error.code === 'NO_PROJECT' && cli.flags.project === undefined) return cli.shell.directory;
    throw error;
  }
}
