import { SyncError } from '../engine/errors.ts';
import { createWorkerLog } from './log.ts';
import { readSettings } from './settings.ts';
import { startWorkerHost } from './worker-host.ts';

/** The worker program: `syncline worker` and `syncline dev` start it. One JSON line on stdout when the server has heard it ask for work; logs on stderr. */
const { log, name } = createWorkerLog();

try {
  const settings = readSettings(process.argv.slice(2), process.env);
  log.level = settings.logLevel;
  const host = await startWorkerHost(settings, log, { onNamed: name });
  let isStopping = false;
  const stop = (signal: NodeJS.Signals | 'stdin ended') => {
    if (isStopping) return;
    isStopping = true;
    log.info({ signal }, 'stopping: no new work is taken, requests in flight finish');
    host.stop().catch((error: unknown) => log.error({ error }, 'the worker did not stop in order'));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (settings.endsWithParent) process.stdin.on('end', () => stop('stdin ended')).resume();
  await Promise.race([host.heard, host.ended]);
  const { project, profile } = host;
  if (!isStopping) process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid, project, profile, build: settings.buildId })}\n`);
  await host.ended;
  process.stdin.pause();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  log.fatal({ error }, 'the worker could not start or failed');
  // Temporal's runtime and the thread of the ledger would keep the process alive.
  process.stdout.write(`${JSON.stringify({ ready: false, code: error instanceof SyncError ? error.code : 'INTERNAL', message })}\n`, () =>
    process.exit(exitCodeOf(error)),
  );
}

/** As the command line has them. */
function exitCodeOf(error: unknown): number {
  const code = error instanceof SyncError ? error.code : undefined;
  return code === 'DEFINITION_INVALID' || code === 'SECRET_MISSING' ? 3 : code === 'CREDENTIALS_REJECTED' ? 6 : 5;
}
