import type { ConnectionLogin } from '../../connectors/open-login.ts';
import { accountScope } from '../../engine/ids.ts';
import { didYouMean } from '../../engine/suggest.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';

/** @throws CliError where there is no such connection; SyncError where nobody logs in to it */
export async function findLogin(cli: Cli, name: string): Promise<ConnectionLogin> {
  const project = await cli.session.project();
  const names = project.connectionNames;
  if (!names.includes(name)) {
    const message = `${project.name} has no connection "${name}"${didYouMean(name, names)}. ${names.length === 0 ? 'It has none yet.' : `It has: ${names.join(', ')}.`}`;
    throw new CliError({ exitCode: EXIT.usage, code: 'UNKNOWN_CONNECTION', message });
  }
  const connection = project.connection(name);
  // Loaded here, as in the session: it takes a moment.
  const { openConnectionLogin } = await import('../../connectors/open-login.ts');
  const options = { resolveSecrets: project.resolveSecrets, directory: project.directory, tokens: await cli.session.ledger() };
  return openConnectionLogin(accountScope(project.name, project.profile, name), connection, options);
}
