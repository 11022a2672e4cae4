import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { loginPage } from './login-page.ts';

const DEFAULT_REDIRECT = 'http://127.0.0.1/callback';
const NOTHING_HERE = loginPage('Nothing is here', 'This address waits for a login to Syncline, and for nothing else.');
const NOT_THIS_LOGIN = loginPage('Not this login', 'This page belongs to another login, or to one that is done. The login that waits goes on.');

/** Listens on this machine for the browser that comes back from a login. */
export interface CallbackReceiver {
  /** With its port. */
  readonly redirectUri: string;
  /**
   * Waits for the one address that is an answer, and shows in the browser what came of it. Whatever else asks is told that it is not meant.
   * @param finish what is done with it
   * @throws what `finish` throws; the signal's reason
   */
  receive<Result>(isAnswer: (callback: URL) => boolean, finish: (callback: URL) => Promise<Result>, signal: AbortSignal): Promise<Result>;
  close(): Promise<void>;
}

/** @param wanted the address as it is registered; without a port, a free one is taken. @throws CliError where its port is taken */
export async function openCallbackReceiver(connection: string, wanted = DEFAULT_REDIRECT): Promise<CallbackReceiver> {
  const url = new URL(wanted);
  const server = createServer();
  await listen(server, Number(url.port));
  const address = server.address();
  if (typeof address === 'object' && address !== null) url.port = String(address.port);
  const redirectUri = url.href.replace(/\/$/, wanted.endsWith('/') ? '/' : '');
  const answer = async <Result>(response: ServerResponse, finished: Promise<Result>): Promise<Result> => {
    const failed = () => show(response, 200, loginPage(`Not logged in to ${connection}`, 'The terminal says why. You can close this window.'));
    const result = await finished.catch(async (error: unknown) => {
      await failed();
      throw error;
    });
    await show(response, 200, loginPage(`Logged in to ${connection}`, 'You can close this window.'));
    return result;
  };
  return {
    redirectUri,
    receive: (isAnswer, finish, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        server.on('request', (request, response) => {
          const callback = callbackOf(request, url);
          if (callback === undefined) void show(response, 404, NOTHING_HERE);
          else if (isAnswer(callback)) answer(response, finish(callback)).then(resolve, reject);
          else void show(response, 400, NOT_THIS_LOGIN);
        });
      }),
    close: async () => {
      server.closeIdleConnections();
      const closed = once(server, 'close');
      server.close();
      setTimeout(() => server.closeAllConnections(), 1_000).unref();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    // Nobody but this machine: a code that gives access comes this way.
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (cause) {
    const message = `Nothing can listen at 127.0.0.1:${port}, where the browser is to come back to: end what uses that port, or change redirectUri.`;
    throw new CliError({ exitCode: EXIT.unreachable, code: 'PORT_IN_USE', message, cause });
  }
}

/** The address asked for, if it is the one of the login; also by the name in its Host header, so that no page of another name reaches it. */
function callbackOf({ method, url = '', headers }: IncomingMessage, own: URL): URL | undefined {
  const asked = URL.canParse(url, own.href) ? new URL(url, own) : undefined;
  const isOwn = method === 'GET' && headers.host === own.host && asked?.pathname === own.pathname && asked.origin === own.origin;
  return isOwn ? asked : undefined;
}

async function show(response: ServerResponse, status: number, page: string): Promise<void> {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  const sent = once(response, 'close');
  response.end(page);
  await sent;
}
