import { z } from 'zod';
import { SyncError } from '../../engine/errors.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { findLogin } from '../login/find-login.ts';

export const logoutCommand = defineCommand({
  name: 'logout',
  group: 'Define',
  summary: 'Forgets the login to a connection, and has its tokens revoked there where the connection says how',
  arguments: [['<connection>', 'name of the connection']],
  examples: ['syncline logout crm'],
  input: z.object({ connection: z.string() }),
  run: async (cli, { connection }) => {
    const { theme } = cli.out;
    const login = await findLogin(cli, connection);
    if ((await login.state()) === undefined) {
      cli.out.document({ connection, wasLoggedIn: false });
      cli.out.print(`Nobody is logged in to ${connection}.`);
      return EXIT.done;
    }
    if (!(await cli.allowChange(`Log out of ${connection}? Runs that use it will fail until somebody logs in again.`))) return EXIT.done;
    try {
      const ended = await login.logout();
      await cli.audit.record('login.ended', { details: { connection, isRevoked: ended?.isRevoked ?? false } });
      cli.out.document({ connection, wasLoggedIn: true, isRevoked: ended?.isRevoked ?? false });
      const there = ended?.isRevoked === true ? 'They were revoked there, too.' : 'There they stay good until they end: revoke them there, if they must not.';
      cli.out.print(`${theme.good('✓')} Logged out of ${connection}: its tokens are forgotten. ${there}`);
      return EXIT.done;
    } catch (error) {
      if (!(error instanceof SyncError) || error.code === 'STORE_UNAVAILABLE') throw error;
      // They are forgotten all the same.
      await cli.audit.record('login.ended', { details: { connection, isRevoked: false } });
      cli.out.warn(`${cli.out.noteTheme.bad('!')} The tokens of ${connection} are forgotten here, but could not be revoked there.`);
      throw error;
    }
  },
});
