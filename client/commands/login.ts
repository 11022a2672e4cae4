import { z } from 'zod';
import type { ConnectionLogin, LoginState } from '../../connectors/open-login.ts';
import { parseDuration } from '../../engine/duration.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { findLogin } from '../login/find-login.ts';
import { logInByBrowser, logInOnDevice } from '../login/log-in.ts';
import { clean } from '../output/text.ts';
import { formatTime } from '../output/times.ts';

const timeoutSchema = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= 1_000 && ms <= 3_600_000) return ms;
  context.addIssue({ code: 'custom', message: 'expected a duration from 1s to 1h, such as 10m' });
  return z.NEVER;
});

export const loginCommand = defineCommand({
  name: 'login',
  group: 'Define',
  summary: 'Logs you in to a connection by your browser (OAuth 2.0); its tokens are kept, encrypted, in the ledger',
  arguments: [['<connection>', 'name of the connection']],
  options: [
    ['--no-browser', 'print the address, and open nothing'],
    ['--device', 'log in with a browser on another machine, by a code that you type there'],
    ['--status', 'say who is logged in since when, and change nothing'],
    ['--timeout <time>', 'how long to wait for the browser (default 5m)'],
  ],
  examples: ['syncline login crm', 'syncline login crm --profile production', 'syncline login crm --device', 'syncline login crm --status'],
  input: z.object({
    connection: z.string(),
    browser: z.boolean().default(true),
    device: z.boolean().default(false),
    status: z.boolean().default(false),
    timeout: timeoutSchema.default(300_000),
  }),
  run: async (cli, { connection, browser, device, status, timeout }) => {
    const login = await findLogin(cli, connection);
    if (status) return tellStatus(cli, connection, login);
    const person = login.byPerson;
    if (person === undefined) throw usage(`${connection} logs in by itself, when it is first used: there is nothing to do.`);
    if (device && !person.canUseDevice) throw usage(`${connection} has no deviceUrl, so it cannot be logged in to from another machine: leave out --device.`);
    const way = { isBrowserOpened: browser, timeoutMs: timeout };
    const state = device ? await logInOnDevice(cli, connection, person, way) : await logInByBrowser(cli, connection, person, way);
    await cli.audit.record('login.made', { details: { connection, way: device ? 'device' : 'browser' } });
    tellLogin(cli, connection, state);
    return EXIT.done;
  },
});

function tellLogin(cli: Cli, connection: string, state: LoginState): void {
  const { theme } = cli.out;
  cli.out.event({ event: 'logged-in', connection, ...documentOf(state) });
  cli.out.print(`${theme.good('✓')} Logged in to ${connection}.${grantedWords(state)} ${lifeWords(cli, connection, state)}`);
}

async function tellStatus(cli: Cli, connection: string, login: ConnectionLogin): Promise<ExitCode> {
  const { theme } = cli.out;
  const state = await login.state();
  cli.out.document({ connection, isLoggedIn: state !== undefined, ...(state === undefined ? {} : documentOf(state)) });
  if (state === undefined) {
    const next = login.byPerson === undefined ? 'It logs in by itself, when it is first used.' : `Run "${cli.command(`login ${connection}`)}".`;
    cli.out.print(`${theme.bad('✗')} Nobody is logged in to ${connection}. ${next}`);
    return login.byPerson === undefined ? EXIT.done : EXIT.credentials;
  }
  const since = state.loggedInAt === undefined ? '' : ` since ${formatTime(state.loggedInAt)}`;
  cli.out.print(`${theme.good('✓')} Logged in to ${connection}${since}.${grantedWords(state)} ${lifeWords(cli, connection, state)}`);
  return EXIT.done;
}

function documentOf({ loggedInAt, scopes, renewsAt, hasRefreshToken }: LoginState) {
  return {
    ...(loggedInAt === undefined ? {} : { loggedInAt: new Date(loggedInAt).toISOString() }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(renewsAt === undefined ? {} : { renewsAt: new Date(renewsAt).toISOString() }),
    isRenewedByItself: hasRefreshToken,
  };
}

function grantedWords({ scopes = [] }: LoginState): string {
  return scopes.length === 0 ? '' : ` Granted: ${clean(scopes.join(', '))}.`;
}

function lifeWords(cli: Cli, connection: string, { hasRefreshToken, renewsAt }: LoginState): string {
  if (hasRefreshToken) return 'It is renewed by itself.';
  if (renewsAt === undefined) return 'It is good until it is revoked there.';
  return `It ends at ${formatTime(renewsAt)}: no refresh token was given, which many APIs do only when asked (scopes such as offline_access, or authorizeParameters). Then run "${cli.command(`login ${connection}`)}" again.`;
}

function usage(message: string): CliError {
  return new CliError({ exitCode: EXIT.usage, code: 'USAGE', message });
}
