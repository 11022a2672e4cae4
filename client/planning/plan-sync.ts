import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { formatCount } from '../output/numbers.ts';
import { makePlan } from './make-plan.ts';
import type { Plan } from './plan.ts';

/** Plans a sync of the project, with progress in a terminal. @throws CliError (exit 130) on Ctrl-C */
export async function planSync(cli: Cli, sync: string, isFull: boolean): Promise<Plan> {
  const project = await cli.session.project();
  const connections = await cli.session.connections();
  const resolved = project.resolve(sync);
  const signal = cli.interrupted();
  try {
    return await makePlan({
      ...resolved,
      ledger: await cli.session.ledger(),
      open: (name, account) => {
        const connection = resolved.definition.connections[name];
        if (connection === undefined) throw new Error(`no connection ${name} in a resolved definition`);
        return connections.open(account, connection);
      },
      isFull,
      signal,
      onProgress: (read) => {
        if (cli.out.isLive) cli.out.draw(`\r  ${formatCount(read)} records compared `);
      },
      onTrouble: ({ message }) => {
        if (cli.out.isLive) cli.out.draw('\r\u001b[2K');
        cli.out.note(`${cli.out.noteTheme.warning('!')} ${message}`);
      },
    });
  } catch (error) {
    if (signal.aborted) throw new CliError({ exitCode: EXIT.interrupted, code: 'INTERRUPTED', message: 'Stopped; nothing was written.' });
    throw error;
  } finally {
    if (cli.out.isLive) cli.out.draw('\r\u001b[2K');
  }
}
