import { type Logger, pino } from 'pino';
import { SyncError } from '../engine/errors.ts';
import { currentStepIds } from './sight/step-ids.ts';

/** The log of a worker: JSON lines on stderr, each with the ids of whatever is worked on. */
export interface WorkerLog {
  readonly log: Logger;
  /** Known from now on: on every line. */
  name(project: string, profile: string): void;
}

export function createWorkerLog(): WorkerLog {
  let names = {};
  const options = { base: { pid: process.pid }, mixin: () => ({ ...names, ...currentStepIds() }), serializers: { error: loggedError } };
  const log = pino(options, pino.destination(2));
  return {
    log,
    name: (project, profile) => {
      names = { project, profile };
    },
  };
}

/** What an error says, if it is one of ours or the system's; of others where they come from: what they quote may be a value of a record. */
function loggedError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const isTold = error instanceof SyncError || 'syscall' in error;
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return { type: error.name, code, ...(isTold ? { message: error.message } : {}), stack: frames?.join('\n') };
}
