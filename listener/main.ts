import { CliError } from '../client/cli-error.ts';
import { EXIT, exitCodeOf } from '../client/exit-codes.ts';
import { SyncError } from '../engine/errors.ts';
import { createListenerLog } from './log.ts';
import { makeSendWake } from './send-wake.ts';
import { readListenerSettings } from './settings.ts';
import { startListener } from './start-listener.ts';

/** The listener program: `syncline listen` and `syncline dev` start it. One JSON line on stdout when it listens; logs on stderr. */
const log = createListenerLog();

try {
  const settings = readListenerSettings(process.argv.slice(2), process.env);
  log.level = settings.logLevel;
  const listener = await startListener(settings, { env: process.env, log, sendWake: makeSendWake() });
  let isStopping = false;
  const stop = (signal: NodeJS.Signals | 'stdin ended') => {
    if (isStopping) return;
    isStopping = true;
    log.info({ signal }, 'stopping: no new request is taken, those in flight are answered');
    listener.stop().then(
      () => process.stdin.pause(),
      (error: unknown) => {
        log.error({ error }, 'the listener did not stop in order');
        process.exit(EXIT.failed);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (settings.endsWithParent) process.stdin.on('end', () => stop('stdin ended')).resume();
  const { project, profile, url, hooks, hasTokens } = listener;
  process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid, project, profile, url, hooks, hasTokens })}\n`);
} catch (error) {
  const told = whyNot(error);
  log.fatal({ code: told.code, reason: told.message }, 'the listener could not start');
  // The thread of the ledger would keep the process alive.
  process.stdout.write(`${JSON.stringify({ ready: false, code: told.code, message: told.message })}\n`, () => process.exit(told.exitCode));
}

function whyNot(error: unknown): { readonly code: string; readonly message: string; readonly exitCode: number } {
  if (error instanceof CliError) return { code: error.code, message: [error.message, ...error.details].join('\n'), exitCode: error.exitCode };
  if (error instanceof SyncError) return { code: error.code, message: error.message, exitCode: exitCodeOf(error.code) };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'PORT_IN_USE', message: `The listener cannot begin: ${message}.`, exitCode: EXIT.unreachable };
}
