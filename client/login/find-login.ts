import type { ConnectionLogin } from '../../connectors/open-login.ts';
import { accountScope } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { findConnection } from '../discovering/find-connection.ts';

/** @throws CliError where there is no such connection; SyncError where nobody logs in to it */
export async function findLogin(cli: Cli, name: string): Promise<ConnectionLogin> {
  const project = await cli.session.project();
  const connection = findConnection(project, name);
  // Loaded here, as in the session: it takes a moment.
  const { openConnectionLogin } = await import('../../connectors/open-login.ts');
  const options = { resolveSecrets: project.resolveSecrets, directory: project.directory, tokens: await cli.session.ledger() };
  return openConnectionLogin(accountScope(project.name, project.profile, name), connection, options);
}
