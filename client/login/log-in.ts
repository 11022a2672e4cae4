import type { ConnectionLogin, LoginState } from '../../connectors/open-login.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { formatDuration } from '../output/times.ts';
import { openBrowser } from './open-browser.ts';
import { openCallbackReceiver } from './receive-callback.ts';

type ByPerson = NonNullable<ConnectionLogin['byPerson']>;

export interface LoginWay {
  readonly isBrowserOpened: boolean;
  readonly timeoutMs: number;
}

/** Logs a person in by the browser of this machine. @throws CliError (exit 130) on Ctrl-C, (exit 6) where nobody came back in time */
export async function logInByBrowser(cli: Cli, connection: string, login: ByPerson, { isBrowserOpened, timeoutMs }: LoginWay): Promise<LoginState> {
  const receiver = await openCallbackReceiver(connection, login.redirectUri);
  const patience = AbortSignal.timeout(timeoutMs);
  try {
    const begun = login.begin(receiver.redirectUri);
    cli.out.event({ event: 'open', connection, url: begun.url, redirectUri: receiver.redirectUri });
    sayWhere(cli, isBrowserOpened ? `Your browser opens to log in to ${connection}. If it does not, open` : `To log in to ${connection}, open`, begun.url);
    cli.out.note(`Waiting for it at ${receiver.redirectUri} for ${formatDuration(timeoutMs)}. Ctrl-C ends it.`);
    if (isBrowserOpened) openBrowser(begun.url, cli.env);
    const signal = AbortSignal.any([patience, cli.interrupted()]);
    return await receiver.receive(begun.isAnswer, begun.finish, signal);
  } catch (error) {
    throw endOf(cli, connection, patience, error);
  } finally {
    await receiver.close();
  }
}

/** Logs a person in by a browser elsewhere (RFC 8628). Throws as `logInByBrowser`. */
export async function logInOnDevice(cli: Cli, connection: string, login: ByPerson, { timeoutMs }: LoginWay): Promise<LoginState> {
  const patience = AbortSignal.timeout(timeoutMs);
  try {
    const begun = await login.beginOnDevice();
    const { userCode, verificationUrl, wholeUrl, expiresAt } = begun;
    cli.out.event({ event: 'open', connection, url: wholeUrl ?? verificationUrl, userCode, expiresAt: new Date(expiresAt).toISOString() });
    sayWhere(cli, `To log in to ${connection}, open on any machine`, wholeUrl ?? verificationUrl);
    if (!cli.out.isJson) cli.out.warn(`and ${wholeUrl === undefined ? 'type' : 'check that it shows'} the code ${cli.out.noteTheme.strong(userCode)}`);
    return await begun.wait(AbortSignal.any([patience, cli.interrupted()]));
  } catch (error) {
    throw endOf(cli, connection, patience, error);
  }
}

/** With --quiet, too: nobody can log in without it. */
function sayWhere(cli: Cli, words: string, url: string): void {
  if (!cli.out.isJson) cli.out.warn(`${words}\n\n  ${url}\n`);
}

function endOf(cli: Cli, connection: string, patience: AbortSignal, error: unknown): unknown {
  if (cli.interrupted().aborted) return new CliError({ exitCode: EXIT.interrupted, code: 'INTERRUPTED', message: 'Interrupted: nobody was logged in.' });
  if (!patience.aborted) return error;
  const message = `Nobody logged in to ${connection} in time: run "${cli.command(`login ${connection}`)}" again; --timeout waits longer.`;
  return new CliError({ exitCode: EXIT.credentials, code: 'LOGIN_TIMED_OUT', message });
}
